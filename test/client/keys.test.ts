import { describe, expect, it } from 'vitest'
import { ACK, FIN, PSH, RST, SYN, URG } from '../../protocol/segment.ts'
import { commandOf, type Stroke } from '../../client/src/student/keys.ts'

const stroke = (key: string, more: Partial<Stroke> = {}): Stroke => ({
  key,
  where: 'page',
  composing: false,
  modified: false,
  repeated: false,
  ...more,
})

describe('keys', () => {
  it.each([
    ['s', SYN],
    ['A', ACK],
    ['f', FIN],
    ['r', RST],
    ['p', PSH],
    ['u', URG],
  ] as const)('%s turns its control bit', (key, bit) => {
    expect(commandOf(stroke(key), true)).toEqual({ does: 'toggle', bit })
  })

  it('letters belong to a field that has the focus', () => {
    for (const where of ['field', 'select', 'message', 'elsewhere'] as const)
      expect(commandOf(stroke('s', { where }), true)).toBeNull()
  })

  it('letters can be switched off; Enter, ? and Escape stay', () => {
    expect(commandOf(stroke('s'), false)).toBeNull()
    expect(commandOf(stroke('Enter'), false)).toEqual({ does: 'send' })
    expect(commandOf(stroke('?', { where: 'field' }), false)).toEqual({ does: 'why' })
    expect(commandOf(stroke('Escape', { where: 'field' }), false)).toEqual({ does: 'leave' })
  })

  it('Enter sends from the fields, and presses a button that has the focus', () => {
    for (const where of ['page', 'field', 'select'] as const) {
      expect(commandOf(stroke('Enter', { where }), true)).toEqual({ does: 'send' })
    }
    expect(commandOf(stroke('Enter', { where: 'button' }), true)).toBeNull()
  })

  it.each(['Enter', 's', '?', 'Escape'])('%s is the input method’s while it is composing', (key) => {
    expect(commandOf(stroke(key, { composing: true, where: 'field' }), true)).toBeNull()
    expect(commandOf(stroke(key, { composing: true }), true)).toBeNull()
  })

  it('shortcuts of the browser and held keys are left alone', () => {
    expect(commandOf(stroke('r', { modified: true }), true)).toBeNull()
    expect(commandOf(stroke('Enter', { repeated: true }), true)).toBeNull()
  })

  it('h moves to the hint and does not buy it', () => {
    expect(commandOf(stroke('h'), true)).toEqual({ does: 'to-hint' })
  })
})
