import { describe, expect, it } from 'vitest'
import type { Script } from '../../protocol/round/model/script.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { exercises } from '../support/exercises.ts'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import { type Act, Round } from '../../protocol/round/round.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { applyEntry } from '../../protocol/round/fold/reducer.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { judgeAction } from '../../protocol/round/rules/judge.ts'
import { mergeViews } from '../support/views.ts'
import { ANSWERS_WRONG, HANDSHAKE, handshakeScript, LISTENS, OPENS, SENDS_SYN } from '../support/handshake.ts'

const AT = '2026-01-01T00:00:00.000Z'
const START: Act = {
  actor: 'system',
  actionId: 'start',
  action: { kind: 'control', control: 'start', script: handshakeScript() },
  seen: null,
  at: AT,
}
const texts = { hint: () => undefined, why: () => undefined, question: () => undefined }
const newRound = () => new Round({ id: 'round', texts: () => texts })
/** An act composed on all the views that the seat has received. */
const actOf = (round: Round, actor: Seat, action: SeatAction, actionId: string): Act => {
  return { actor, actionId, action, seen: round.viewCountOf(actor), at: AT }
}
const views = (round: Round) => [round.updatesAfter('client', 0), round.updatesAfter('server', 0), round.updatesAfter('network', 0)]

describe('a round', () => {
  it('has no world until it has begun, and then judges nothing but its beginning', () => {
    const round = newRound()
    expect(round.propose(actOf(round, 'client', OPENS, 'a'))).toBeNull()
    expect(() => round.enter(actOf(round, 'client', OPENS, 'a'))).toThrow('has not begun')
    expect(round.world).toBeNull()
    expect(round.enter(START)).toMatchObject({ index: 0, roundId: 'round', at: AT, verdict: { outcome: 'accepted' } })
    expect(round.world?.entryCount).toBe(1)
  })

  it('is not changed by what is proposed, and goes on to the world of what is accepted', () => {
    const round = newRound()
    round.enter(START)
    const { world } = round
    const proposal = round.propose(actOf(round, 'server', LISTENS, 'a'))!
    expect([round.entries.length, round.world]).toEqual([1, world])
    expect(round.findEntry('server', 'a')).toBeUndefined()
    const made = round.accept(proposal)
    expect(round.world).toBe(proposal.after)
    expect(round.entries[1]).toBe(proposal.entry)
    expect(made).toEqual({ client: round.updatesAfter('client', 0)[1], server: round.updatesAfter('server', 0)[1], network: null })
  })

  it('makes updates again that it has not kept, for whoever comes back', () => {
    const round = newRound()
    const made = new Map<Seat, unknown[]>(SEATS.map((seat) => [seat, []]))
    const enter = (act: Act) => {
      const updates = round.accept(round.propose(act)!)
      for (const seat of SEATS) if (updates[seat]) made.get(seat)!.push(updates[seat])
    }
    enter(START)
    for (let i = 0; i < 20; i++) enter(actOf(round, 'server', LISTENS, `again-${i}`))
    for (const seat of SEATS) {
      const all = made.get(seat)!
      expect(round.viewCountOf(seat)).toBe(all.length)
      for (const from of [all.length, all.length - 1, 0, 7]) expect(round.updatesAfter(seat, from)).toEqual(all.slice(from))
    }
    enter(actOf(round, 'server', LISTENS, 'once-more'))
    expect(round.updatesAfter('server', 0)).toEqual(made.get('server'))
  })

  it('takes no proposal in whose place is taken', () => {
    const round = newRound()
    round.enter(START)
    const late = round.propose(actOf(round, 'server', LISTENS, 'a'))!
    round.enter(actOf(round, 'client', OPENS, 'b'))
    expect(() => round.accept(late)).toThrow('entry 1')
    expect(round.entries).toHaveLength(2)
  })

  it('takes the same act of a sender in once', () => {
    const round = newRound()
    round.enter(START)
    const first = round.enter(actOf(round, 'server', LISTENS, 'a'))
    expect(round.enter(actOf(round, 'server', { kind: 'wait' }, 'a'))).toBe(first)
    expect(round.enter(actOf(round, 'client', OPENS, 'a'))).not.toBe(first)
    expect(round.entries.map(({ actor }) => actor)).toEqual(['system', 'server', 'client'])
  })

  it('comes to the same world and the same views from the rows of its log', () => {
    const round = newRound()
    round.enter(START)
    for (const [seat, action] of [
      ['server', LISTENS],
      ['client', OPENS],
      ['client', SENDS_SYN],
    ] as const)
      round.enter(actOf(round, seat, action, `${seat} ${action.kind}`))
    const again = newRound()
    for (const entry of round.entries) again.add(JSON.parse(JSON.stringify(entry)) as typeof entry)
    expect(again.world).toEqual(round.world)
    expect(views(again)).toEqual(views(round))
    expect(() => newRound().add(round.entries[1]!)).toThrow('does not follow')
  })

  it('knows an act that crossed another, however much has happened since it was composed', () => {
    const round = newRound()
    round.enter(START)
    round.enter(actOf(round, 'server', LISTENS, 'listens'))
    round.enter(actOf(round, 'client', OPENS, 'opens'))
    const composedOn = round.viewCountOf('server')
    round.enter(actOf(round, 'client', SENDS_SYN, 'sends'))
    const withSyn = round.viewCountOf('server')
    // More entries than a round keeps worlds of.
    for (let i = 0; i < 100; i++) round.enter(actOf(round, 'server', LISTENS, `again-${i}`))
    const outcomeOn = (seen: number) =>
      round.propose({ ...actOf(round, 'server', { kind: 'wait' }, 'waits'), seen })?.entry.verdict.outcome
    expect([outcomeOn(composedOn), outcomeOn(withSyn)]).toEqual(['crossed', 'refused'])
  })
})

describe('the tries of a step', () => {
  const attemptsOf = (script: Script) => {
    const round = newRound()
    round.enter({ ...START, action: { kind: 'control', control: 'start', script } })
    return mergeViews(round.updatesAfter('client', 0)).at(-1)?.now.attempts
  }
  const { attempts: _, ...ofAnEarlierVersion } = handshakeScript('exam')

  it.each([
    ['guided', handshakeScript('guided'), 4],
    ['exam', handshakeScript('exam'), 2],
    ['an exam of an earlier version', ofAnEarlierVersion, 2],
    ['an exercise that says so', instantiateExercise({ ...exercises.get('handshake')!, attempts: 3 }, 'exam', () => 0), 3],
  ])('stand in the script: %s', (_, script, count) => expect(attemptsOf(script)).toBe(count))
})

describe('an act composed on an old view', () => {
  it('is judged alike however long the round has become since: from the worlds that are kept as by folding the log from its start', () => {
    const round = newRound()
    round.enter(START)
    let count = 0
    const enter = (seat: Seat, action: SeatAction) => round.enter(actOf(round, seat, action, `act-${count++}`))
    // Between two steps of the handshake, each seat is refused often enough that worlds are no longer at hand.
    for (const [seat, action] of HANDSHAKE) {
      for (let i = 0; i < 30; i++) for (const each of SEATS) enter(each, ANSWERS_WRONG)
      expect(enter(seat, action).verdict.outcome).toBe('accepted')
    }
    expect(round.entries.length).toBeGreaterThan(4 * 64)

    const worlds: World[] = []
    for (const entry of round.entries) worlds.push(applyEntry(worlds.at(-1) ?? null, entry))
    const outcomes = new Set<string>()
    for (const [seat, action] of HANDSHAKE) {
      for (let seen = 0; seen <= round.viewCountOf(seat); seen++) {
        const worldAsSeen = () => worlds.find((world) => world.seats[seat].viewCount >= seen)!
        const { verdict } = judgeAction(round.world, { actor: seat, action, seen }, { worldAsSeen })
        const proposed = round.propose({ actor: seat, actionId: 'late', action, seen, at: AT })
        expect(proposed?.entry.verdict, `${seat} ${JSON.stringify(action)} on view ${seen}`).toEqual(verdict)
        outcomes.add(`${seat} ${verdict.outcome}`)
      }
    }
    expect([...outcomes].filter((outcome) => outcome.endsWith('crossed'))).not.toEqual([])
    expect(outcomes.size).toBeGreaterThan(2)
  })
})
