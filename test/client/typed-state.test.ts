import { describe, expect, it } from 'vitest'
import { STATES } from '../../protocol/tcp/states.ts'
import { findTypedState, StateTyping } from '../../client/src/round/typed-state.ts'

describe('a state is chosen by typing its name', () => {
  it.each(STATES)('%s, letter by letter', (state) => {
    const typing = new StateTyping()
    let chosen: ReturnType<StateTyping['press']> = null
    for (const [i, key] of [...state.toLowerCase()].entries()) chosen = typing.press(key, i * 100, chosen ?? '')
    expect(chosen).toBe(state)
  })

  it.each([
    ['syn_rcvd', 'SYN-RECEIVED'],
    ['estab', 'ESTABLISHED'],
    ['finwait2', 'FIN-WAIT-2'],
    ['tw', null],
    ['-', null],
  ])('%s', (typed, state) => {
    expect(findTypedState(typed, '')).toBe(state)
  })

  it('one letter again goes to the next state that begins with it', () => {
    const typing = new StateTyping()
    const first = typing.press('f', 0, '')
    const second = typing.press('f', 100, first ?? '')
    expect([first, second]).toEqual(['FIN-WAIT-1', 'FIN-WAIT-2'])
    expect(typing.press('f', 200, second ?? '')).toBe('FIN-WAIT-1')
  })

  it('begins anew after a pause', () => {
    const typing = new StateTyping()
    typing.press('s', 0, '')
    expect(typing.press('t', 2000, 'SYN-SENT')).toBe('TIME-WAIT')
  })
})
