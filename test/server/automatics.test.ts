/** What happens by itself in a session: pairs go on at their own pace, late comers are placed, claims are granted. */
import { describe, expect, test } from 'vitest'
import type { Automatics } from '../../contract/requests.ts'
import { classroomFixture } from '../support/classroom.ts'

const fixture = classroomFixture()
const { lesson, join, pairsOf, placeOf, roundOf } = fixture

const choose = (session: string, wanted: Partial<Automatics>) =>
  fixture.at.classroom.setAutomatics(session, { pace: 'together', latecomers: 'wait', claims: 'ask', ...wanted })
const finish = async (round: string) => {
  await fixture.at.rounds.finish(round)
  await fixture.at.progress.advance(round)
}
/** Ada with Bob and Cyd with Dan, in the first exercise of two. */
async function underWay(wanted: Partial<Automatics>, swap = false) {
  const session = await lesson({ swap, playlist: ['handshake', 'data'] })
  await choose(session, wanted)
  const [ada = '', bob = '', cyd = '', dan = ''] = await join(session, 'Ada', 'Bob', 'Cyd', 'Dan')
  await fixture.at.classroom.makePair(session, [ada, bob])
  await fixture.at.classroom.makePair(session, [cyd, dan])
  await fixture.at.classroom.openExercise(session, 0)
  return { session, ada, bob, cyd, dan }
}

describe('at one’s own pace', () => {
  test('a pair goes on after its last leg, the others stay, and after the last exercise it waits', async () => {
    const { session, ada, bob, cyd } = await underWay({ pace: 'own' }, true)
    await finish((await roundOf(ada)).id)
    expect(await roundOf(ada)).toMatchObject({ leg: 2, exercise: { id: 'handshake' } })
    await finish((await roundOf(ada)).id)
    for (const one of [ada, bob])
      expect(await placeOf(one)).toMatchObject({ round: { leg: 1, exercise: { id: 'data' } }, session: { position: 1 } })
    expect(await placeOf(cyd)).toMatchObject({ round: { exercise: { id: 'handshake' } }, session: { position: 0 } })
    const tiles = await fixture.at.classroom.readTiles(session)
    expect(tiles.map(({ round }) => round?.exercise)).toEqual(['data', 'handshake'])
    await finish((await roundOf(ada)).id)
    await finish((await roundOf(ada)).id)
    expect(await placeOf(ada)).toMatchObject({ waiting: 'for-next', round: null })
  })

  test('who is through already goes on as soon as that is chosen', async () => {
    const { session, ada } = await underWay({})
    await finish((await roundOf(ada)).id)
    expect((await placeOf(ada)).waiting).toBe('for-next')
    await choose(session, { pace: 'own' })
    expect(await roundOf(ada)).toMatchObject({ exercise: { id: 'data' } })
  })

  test('a pair that changes begins where the one was who had come less far', async () => {
    const { session, ada, cyd } = await underWay({ pace: 'own' })
    await finish((await roundOf(ada)).id)
    await fixture.at.classroom.makePair(session, [ada, cyd])
    expect(await roundOf(ada)).toMatchObject({ exercise: { id: 'handshake' } })
  })

  test('a session that is reopened lets each pair begin its own exercise anew', async () => {
    const { session, ada, cyd } = await underWay({ pace: 'own' })
    await finish((await roundOf(ada)).id)
    const { now } = fixture.at.clock
    fixture.at.clock.now = new Date('2026-01-01T00:00:00Z') // rounds of this fixture end the day after
    await fixture.at.classroom.endSession(session)
    fixture.at.clock.now = now
    await fixture.at.classroom.reopenSession(session)
    expect(await roundOf(ada)).toMatchObject({ exercise: { id: 'data' } })
    expect(await roundOf(cyd)).toMatchObject({ exercise: { id: 'handshake' } })
  })
})

describe('who joins once an exercise is open', () => {
  const late = async (session: string) => {
    const [eve = ''] = await join(session, 'Eve')
    await fixture.at.classroom.placeLatecomer(session, eve)
    return eve
  }

  test('waits, where the teacher has chosen nothing, and before the first exercise', async () => {
    const { session } = await underWay({})
    expect((await placeOf(await late(session))).waiting).toBe('for-partner')
    const before = await lesson()
    await choose(before, { latecomers: 'built-in' })
    expect((await placeOf(await late(before))).waiting).toBe('for-partner')
  })

  test('plays with the built-in partner at once', async () => {
    const { session } = await underWay({ latecomers: 'built-in' })
    expect(await placeOf(await late(session))).toMatchObject({ partner: { name: null }, round: { exercise: { id: 'handshake' } } })
  })

  test('gets the wire of a pair, whose round goes on, from its next round on', async () => {
    const { session, ada, bob } = await underWay({ latecomers: 'network' }, true)
    const { id } = await roundOf(ada)
    const eve = await late(session)
    expect(await pairsOf(session)).toContainEqual([ada, bob, eve].sort())
    expect((await roundOf(ada)).id).toBe(id)
    expect(await placeOf(eve)).toMatchObject({ waiting: 'for-next', round: null, wire: null, replay: null })
    await finish(id)
    expect(await placeOf(eve)).toMatchObject({ wire: { leg: 2 }, round: null })
    const again = await join(session, 'Fay', 'Gus')
    for (const each of again) await fixture.at.classroom.placeLatecomer(session, each)
    expect((await placeOf(again[1] ?? '')).partner).toEqual({ name: null, present: true })
  })
})

describe('a claim from another device', () => {
  test('is granted at once where the session says so and the other device is gone, and otherwise asked', async () => {
    const { session, ada } = await underWay({ claims: 'automatic' })
    const { participant } = await fixture.at.classroom.join(session, 'Ada')
    await fixture.at.classroom.claimSeat(participant.id, 'Ada')
    expect(await fixture.at.classroom.readClaim(participant.id)).toBe('waiting')
    fixture.at.present.delete(ada)
    await fixture.at.classroom.claimSeat(participant.id, 'Ada')
    expect(await fixture.at.classroom.readClaim(participant.id)).toEqual({ id: ada, session })
  })

  test('comes through a locked door, and nobody else does', async () => {
    const { session } = await underWay({ latecomers: 'built-in' })
    const { code } = await fixture.at.classroom.readSession(session)
    await fixture.at.classroom.setLocked(session, true)
    expect((await fixture.at.browser().post('/api/join', { code, name: 'Eve' })).json()).toMatchObject({ error: 'door-locked' })
    const joined = (await fixture.at.browser().post('/api/join', { code, name: 'Ada' })).json<{ participant: { id: string } }>()
    const claims = (await fixture.at.classroom.readParticipants(session)).map(({ id, claims, pair }) => [id, claims, pair])
    expect(claims).toContainEqual([joined.participant.id, 'Ada', null])
  })
})
