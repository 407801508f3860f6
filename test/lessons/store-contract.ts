/** Tests that every implementation of the lesson store must pass. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Round } from '../../server/generated/prisma/client.ts'
import type { LessonStore } from '../../server/lessons/lesson-store.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import { entry } from '../support/log-contract.ts'
import { makeLesson, type SmallLesson } from '../support/lesson-rows.ts'
import type { LessonRows } from '../support/lesson-store-memory.ts'

export interface OpenStore {
  readonly store: LessonStore
  readonly log: RoundLog
  add(rows: LessonRows): Promise<void>
  dissolvePair(pairId: string): Promise<void>
  close(): Promise<void>
}

const HANDSHAKE = 'handshake@1'
const DATA = 'data@1'

/** Defines the tests for a lesson store. */
export function lessonStoreContract(name: string, open: () => Promise<OpenStore>): void {
  describe(`lesson store in ${name}`, () => {
    let at: OpenStore
    let store: LessonStore
    let lesson: SmallLesson
    let id: string
    beforeAll(async () => {
      at = await open()
      store = at.store
    })
    afterAll(() => at.close())
    beforeEach(async () => {
      lesson = makeLesson()
      id = lesson.session.id
      await at.add(lesson)
    })

    const end = (round: Round) => at.log.append(entry(round.id, 0, { effects: [{ kind: 'over', why: 'goal' }] }))
    const openFor = async (pairId: string, position = 0, exercise = HANDSHAKE): Promise<Round> => {
      const { opened } = await store.openPosition(id, position, exercise)
      return opened.find((round) => round.pairId === pairId)!
    }
    const ids = (rounds: readonly { readonly id: string }[]) => rounds.map((round) => round.id).sort()

    it('gives what it was given, and null or nothing for what is not there', async () => {
      expect(await store.findSession(id)).toEqual(lesson.session)
      expect(await store.findBuiltInPartnerId(id)).toBe(lesson.people.partner)
      expect(await store.findSession('nobody')).toBeNull()
      expect(await store.findRound('nobody')).toBeNull()
      expect(await store.findLeg(lesson.pair.id, 0, 1)).toBeNull()
      expect(await store.findStudents(['nobody'])).toEqual([])
      expect(await store.findStale(['nobody'])).toEqual(['nobody'])
      await expect(store.openPosition('nobody', 0, HANDSHAKE)).rejects.toMatchObject({ code: 'not-found' })
    })

    it('takes over level and swap that were chosen from the next exercise on, when a new one is opened', async () => {
      const changed = makeLesson()
      const session = { ...changed.session, nextLevel: 'standard', nextSwap: false }
      await at.add({ ...changed, session, sessions: [session] } as typeof changed)
      const { session: opened } = await store.openPosition(session.id, 0, HANDSHAKE)
      expect(opened).toMatchObject({ level: 'standard', swap: false, nextLevel: null, nextSwap: null })
    })

    it('opens an exercise for every pair that stands, once', async () => {
      await at.dissolvePair(lesson.solo.id)
      const { session, pairs, opened, stale } = await store.openPosition(id, 0, HANDSHAKE)
      expect(session.position).toBe(0)
      expect(ids(pairs)).toEqual([lesson.pair.id])
      const { ann, bob } = lesson.people
      expect(opened).toMatchObject([{ leg: 1, exercise: HANDSHAKE, clientId: ann, serverId: bob, networkId: null, endedAt: null }])
      expect(stale).toEqual([])
      const again = await store.openPosition(id, 0, null)
      expect([again.pairs, ids(again.opened), again.stale]).toEqual([[], ids(opened), []])
    })

    it('opens nothing without an exercise, and nothing in a session that has ended', async () => {
      await expect(store.openPosition(id, 0, null)).rejects.toMatchObject({ code: 'not-found' })
      expect((await store.findSession(id))?.position).toBeNull()
      await store.endSession(id)
      await expect(store.openPosition(id, 0, HANDSHAKE)).rejects.toMatchObject({ code: 'session-ended' })
    })

    it('says of a round that it is over when its log does, and not before', async () => {
      const round = await openFor(lesson.pair.id)
      await at.log.append(entry(round.id, 1))
      expect(await store.findRound(round.id)).toMatchObject({ endedAt: null, session: { id } })
      await at.log.append(entry(round.id, 2, { effects: [{ kind: 'over', why: 'goal' }], at: '2026-03-02T10:00:00.000Z' }))
      const over = { endedAt: new Date('2026-03-02T10:00:00.000Z') }
      expect(await store.findRound(round.id)).toMatchObject(over)
      expect(await store.findLeg(lesson.pair.id, 0, 1)).toMatchObject(over)
      expect(await store.findStudents([lesson.people.ann])).toMatchObject([{ round: over }])
    })

    it('takes an end that the log has refused for none', async () => {
      const round = await openFor(lesson.pair.id)
      await at.log.append(entry(round.id, 0))
      const refused = entry(round.id, 0, { actionId: 'late', effects: [{ kind: 'over', why: 'goal' }] })
      expect(await at.log.append(refused)).toBe('taken')
      expect(await store.findRound(round.id)).toMatchObject({ endedAt: null })
    })

    it('opens the second leg once, with seats swapped, however many ask', async () => {
      const first = await openFor(lesson.pair.id)
      await end(first)
      const opened = (await Promise.all([store.createSecondLeg(first), store.createSecondLeg(first)])).flat()
      expect(opened).toMatchObject([{ leg: 2, exercise: HANDSHAKE, clientId: lesson.people.bob, serverId: lesson.people.ann }])
      expect(await store.createSecondLeg(first)).toEqual([])
      expect(await store.findStale([first.id, opened[0]!.id])).toEqual([first.id])
    })

    it.each(['its pair is gone', 'the lesson has gone on', 'the lesson is over'] as const)(
      'opens no second leg where %s',
      async (what) => {
        const first = await openFor(lesson.pair.id)
        if (what === 'its pair is gone') await at.dissolvePair(lesson.pair.id)
        else if (what === 'the lesson has gone on') await store.openPosition(id, 1, DATA)
        else await store.endSession(id)
        expect(await store.createSecondLeg(first)).toEqual([])
        expect(await store.findStale([first.id])).toEqual([first.id])
      },
    )

    describe('where everybody plays at their own pace', () => {
      beforeEach(async () => {
        lesson = makeLesson()
        const session = { ...lesson.session, pace: 'own' }
        id = session.id
        await at.add({ ...lesson, sessions: [session] })
      })

      it('a pair that is through goes on once, however many ask, and the others stay', async () => {
        const first = await openFor(lesson.pair.id)
        const solo = (await store.findStudents([lesson.people.cat]))[0]!.round!
        await end(first)
        const opened = (await Promise.all([store.goOn(first, DATA), store.goOn(first, DATA)])).flat()
        expect(new Set(opened.map((round) => round.id)).size).toBe(1)
        expect(opened[0]).toMatchObject({ pairId: lesson.pair.id, position: 1, exercise: DATA, leg: 1 })
        expect((await store.findStudents([lesson.people.ann]))[0]?.round).toMatchObject({ id: opened[0]!.id })
        expect(await store.findStale([first.id, opened[0]!.id, solo.id])).toEqual([first.id])
        expect((await store.createSecondLeg(opened[0]!))[0]).toMatchObject({ position: 1, leg: 2 })
      })

      it('the next exercise, opened for everybody, leaves those where they are who have come as far; an earlier one does not', async () => {
        const first = await openFor(lesson.pair.id)
        await end(first)
        const [ahead] = await store.goOn(first, DATA)
        const next = await store.openPosition(id, 1, DATA)
        expect(next.opened).toMatchObject([{ pairId: lesson.solo.id }])
        expect(next.stale).toMatchObject([{ pairId: lesson.solo.id, position: 0 }])
        expect(await store.findStale([ahead!.id])).toEqual([])
        const back = await store.openPosition(id, 0, HANDSHAKE)
        expect(ids(back.pairs)).toEqual(ids([lesson.pair, lesson.solo]))
        expect(await store.findStale([ahead!.id])).toEqual([ahead!.id])
      })
    })

    it.each(['everybody plays together', 'the pair is gone', 'the lesson is over'] as const)(
      'lets no pair go on by itself where %s',
      async (what) => {
        const own = makeLesson()
        const session = { ...own.session, pace: what === 'everybody plays together' ? 'together' : 'own' }
        await at.add({ ...own, sessions: [session] })
        const { opened } = await store.openPosition(session.id, 0, HANDSHAKE)
        const first = opened.find((round) => round.pairId === own.pair.id)!
        await end(first)
        if (what === 'the pair is gone') await at.dissolvePair(own.pair.id)
        if (what === 'the lesson is over') await store.endSession(session.id)
        expect(await store.goOn(first, DATA)).toEqual([])
      },
    )

    it('gives the next exercise’s opening what is not over, and opens one again with another leg', async () => {
      const first = await openFor(lesson.pair.id)
      await end(first)
      const { opened, stale } = await store.openPosition(id, 1, DATA)
      expect(stale).toMatchObject([{ pairId: lesson.solo.id }])
      const back = await store.openPosition(id, 0, HANDSHAKE)
      expect(ids(back.stale)).toEqual(ids([...stale, ...opened]))
      expect(back.opened).toMatchObject([{ leg: 3 }, { leg: 3 }])
      const again = await store.openPosition(id, 0, null)
      expect(ids(again.opened)).toEqual(ids(back.opened))
      expect(ids(again.stale)).toEqual(ids(back.stale))
    })

    it('ends a session once, and gives what is not over each time', async () => {
      const first = await openFor(lesson.pair.id)
      await end(first)
      const ended = await store.endSession(id)
      expect(ended.stale).toMatchObject([{ pairId: lesson.solo.id }])
      expect([...ended.participantIds].sort()).toEqual(Object.values(lesson.people).sort())
      const { endedAt } = (await store.findSession(id))!
      expect(endedAt).not.toBeNull()
      expect(ids((await store.endSession(id)).stale)).toEqual(ids(ended.stale))
      expect((await store.findSession(id))?.endedAt).toEqual(endedAt)
    })

    it('finds where students are: their standing pair and its latest round at the lesson’s position', async () => {
      const { ann, cat, partner } = lesson.people
      const [waiting] = await store.findStudents([ann])
      expect(waiting).toMatchObject({ participant: { name: 'Ann' }, session: { id }, pair: { id: lesson.pair.id }, round: null })
      const round = await openFor(lesson.pair.id)
      await at.dissolvePair(lesson.solo.id)
      const students = await store.findStudents([ann, cat])
      const of = (wanted: string) => students.find(({ participant }) => participant.id === wanted)
      expect(of(ann)).toMatchObject({
        round: { id: round.id },
        pair: { first: { name: 'Ann' }, second: { name: 'Bob' }, third: null },
      })
      expect(of(cat)).toMatchObject({ pair: null, round: null })
      expect(students).toHaveLength(2)
      expect((await store.findStudents([partner]))[0]?.pair).toBeNull()
    })

    it('finds a pair’s latest earlier round of an exercise, in the same seats, that is over', async () => {
      const wanted = { pairId: lesson.pair.id, clientId: lesson.people.ann, exerciseId: 'handshake' }
      const first = await openFor(lesson.pair.id)
      expect(await store.findEarlierRound(wanted)).toBeNull()
      await end(first)
      expect(await store.findEarlierRound(wanted)).toMatchObject({ id: first.id })
      expect(await store.findEarlierRound({ ...wanted, clientId: lesson.people.bob })).toBeNull()
      expect(await store.findEarlierRound({ ...wanted, exerciseId: 'data' })).toBeNull()
      expect(await store.findEarlierRound({ ...wanted, pairId: lesson.solo.id })).toBeNull()
    })

    it('finds the rounds of an exercise that somebody has played, in either seat, over or not', async () => {
      const first = await openFor(lesson.pair.id)
      const [second] = await store.createSecondLeg(first)
      await store.openPosition(id, 1, DATA)
      for (const participantId of [lesson.people.ann, lesson.people.bob])
        expect(ids(await store.findRoundsPlayed({ participantId, exerciseId: 'handshake' }))).toEqual(ids([first, second!]))
      expect(await store.findRoundsPlayed({ participantId: lesson.people.ann, exerciseId: 'http' })).toEqual([])
    })
  })
}
