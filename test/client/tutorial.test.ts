/** The first minute: a round that is judged in the page, and the steps of its coach. */
import { describe, expect, it } from 'vitest'
import { ACK, SYN } from '../../protocol/segment.ts'
import { EMPTY_DRAFT, buildSendAction, type FormDraft } from '../../client/src/round/form-draft.ts'
import { findLastAct, getNow } from '../../client/src/round/round-state.ts'
import { findCoachStep } from '../../client/src/tutorial/coach.ts'
import { LocalRound } from '../../client/src/tutorial/local-round.svelte.ts'
import { TUTORIAL_PLACE, TUTORIAL_SCRIPT } from '../../client/src/tutorial/script.ts'

const SYN_DRAFT: FormDraft = { ...EMPTY_DRAFT, bits: SYN, seq: 'x', state: 'SYN-SENT' }
const ACK_DRAFT: FormDraft = { ...EMPTY_DRAFT, bits: ACK, seq: 'x+1', ack: 'y+1', state: 'ESTABLISHED' }

/** A round whose automatic actions happen when `pass` is called. */
function begin() {
  let next: (() => void) | null = null
  const live = new LocalRound(TUTORIAL_SCRIPT, TUTORIAL_PLACE, (_ms, run) => {
    next = run
    return () => (next = null)
  })
  const send = async (draft: FormDraft) => {
    live.updateDraft(draft)
    const action = buildSendAction(draft)
    if (typeof action === 'string') throw new Error(`unfinished: ${action}`)
    live.act(action)
    await Promise.resolve()
  }
  return { live, send, pass: () => next?.(), isPlanned: () => next !== null }
}

describe('the round of the first minute', () => {
  it('owes a SYN from its first view on, and shows the number x', () => {
    const { live } = begin()
    expect(getNow(live.state)).toMatchObject({ turn: 'segment', state: 'CLOSED', names: { x: 1_428_046_626 } })
  })

  it('is judged by the engine: a wrong segment is refused, and the draft stays', async () => {
    const { live, send } = begin()
    await send({ ...SYN_DRAFT, bits: SYN | ACK, ack: 'y+1' })
    expect(findLastAct(live.state.views)).toMatchObject({ outcome: 'refused', findings: [{ field: 'flags' }] })
    expect(live.state.draft.ack).toBe('y+1')
  })

  it('is a handshake against the built-in partner, up to its goal', async () => {
    const { live, send, pass } = begin()
    await send(SYN_DRAFT)
    expect(getNow(live.state)).toMatchObject({ state: 'SYN-SENT', turn: 'sent' })
    expect(live.state.draft).toEqual(EMPTY_DRAFT)
    pass()
    expect(live.state.views.at(-1)?.event.arrived).toMatchObject([{ bits: SYN | ACK, seq: 'y', ack: 'x+1' }])
    await send(ACK_DRAFT)
    pass()
    expect(getNow(live.state)).toMatchObject({ state: 'ESTABLISHED', over: 'goal' })
  })

  it('does nothing more once it is closed', async () => {
    const { live, send, isPlanned } = begin()
    await send(SYN_DRAFT)
    expect(isPlanned()).toBe(true)
    live.close()
    expect(isPlanned()).toBe(false)
    const { views } = live.state
    await send(ACK_DRAFT)
    expect(live.state.views).toEqual(views)
  })
})

describe('the coach', () => {
  const step = (draft: Partial<FormDraft>, more = {}) =>
    findCoachStep({ watched: true, sent: false, draft: { ...EMPTY_DRAFT, ...draft }, ...more })

  it('points at one control after the other', () => {
    expect(step({}, { watched: false })).toBe('watch')
    expect(step({})).toBe('bits')
    expect(step({ bits: SYN })).toBe('seq')
    expect(step({ bits: SYN, seq: 'x' })).toBe('state')
    expect(step({ bits: SYN, seq: 'x', state: 'SYN-SENT' })).toBe('send')
    expect(step({}, { sent: true })).toBe('free')
  })

  it('goes back to what has been undone', () => {
    expect(step({ bits: SYN | ACK, seq: 'x', state: 'SYN-SENT' })).toBe('bits')
    expect(step({ bits: SYN, seq: ' ', state: 'SYN-SENT' })).toBe('seq')
    expect(step({ bits: SYN, seq: 'x', state: 'LISTEN' })).toBe('state')
  })
})
