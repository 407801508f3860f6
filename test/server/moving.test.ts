/** Students change pairs while the lesson runs. */
import { describe, expect, test } from 'vitest'
import { classroomFixture } from '../support/classroom.ts'

const fixture = classroomFixture()
const { lesson, join, pairsOf, placeOf, roundOf } = fixture

/** A lesson under way: Ada with Bob, Cyd with Dan, Eve alone with the built-in partner; Fay waits. */
async function underWay() {
  const { classroom } = fixture.at
  const session = await lesson()
  const [ada = '', bob = '', cyd = '', dan = '', eve = '', fay = ''] = await join(session, 'Ada', 'Bob', 'Cyd', 'Dan', 'Eve', 'Fay')
  for (const members of [[ada, bob], [cyd, dan], [eve]]) await classroom.makePair(session, members)
  await classroom.openExercise(session, 0)
  const pairOf = async (id: string) =>
    (await classroom.readTiles(session)).find(({ members }) => members.some((member) => member.id === id))?.pair ?? ''
  return { session, ada, bob, cyd, dan, eve, fay, pairOf }
}

describe('a student who is moved', () => {
  test('trades places with another one: both pairs begin anew, and all others play on', async () => {
    const { session, ada, bob, cyd, dan, eve } = await underWay()
    const [left, kept] = [await roundOf(ada), await roundOf(eve)]
    await fixture.at.classroom.tradePlaces(session, ada, dan)
    expect(await pairsOf(session)).toEqual(expect.arrayContaining([[bob, dan].sort(), [ada, cyd].sort()]))
    expect(fixture.at.rounds.asked).toContain(`end ${left.id} moved-on`)
    expect((await roundOf(ada)).id).toBe((await roundOf(cyd)).id)
    expect((await roundOf(eve)).id).toBe(kept.id)
    expect(fixture.at.told.places.flat()).toEqual(expect.arrayContaining([ada, bob, cyd, dan]))
  })

  test('trades with one who waits, who then plays in their place', async () => {
    const { session, ada, bob, fay } = await underWay()
    await fixture.at.classroom.tradePlaces(session, fay, ada)
    expect(await pairsOf(session)).toContainEqual([bob, fay].sort())
    expect(await placeOf(ada)).toMatchObject({ waiting: 'for-partner', round: null })
  })

  test('takes the place of a built-in partner', async () => {
    const { session, eve, fay, pairOf } = await underWay()
    await fixture.at.classroom.moveToPair(session, fay, await pairOf(eve))
    expect(await pairsOf(session)).toContainEqual([eve, fay].sort())
  })

  test('goes onto the wire of a pair of two, and whoever is left alone plays with the built-in partner', async () => {
    const { session, ada, bob, cyd, dan, pairOf } = await underWay()
    await fixture.at.classroom.moveToPair(session, ada, await pairOf(cyd))
    expect(await pairsOf(session)).toContainEqual([ada, cyd, dan].sort())
    expect((await placeOf(bob)).partner).toEqual({ name: null, present: true })
  })

  test('stays where the pair is full, their own, or gone', async () => {
    const { session, ada, bob, cyd, fay, pairOf } = await underWay()
    const { classroom } = fixture.at
    const [own, full] = [await pairOf(ada), await pairOf(cyd)]
    await classroom.moveToPair(session, fay, full)
    const before = await pairsOf(session)
    await expect(classroom.moveToPair(session, ada, await pairOf(cyd))).rejects.toMatchObject({ code: 'conflict' })
    await expect(classroom.moveToPair(session, ada, own)).rejects.toMatchObject({ code: 'malformed' })
    await expect(classroom.moveToPair(session, ada, full)).rejects.toMatchObject({ code: 'not-found' })
    await expect(classroom.tradePlaces(session, ada, bob)).rejects.toMatchObject({ code: 'malformed' })
    await expect(classroom.tradePlaces(session, ada, ada)).rejects.toMatchObject({ code: 'malformed' })
    expect(await pairsOf(session)).toEqual(before)
  })

  test('is of this session', async () => {
    const { session, ada, pairOf } = await underWay()
    const [stranger = ''] = await join(await lesson(), 'Gus')
    await expect(fixture.at.classroom.tradePlaces(session, ada, stranger)).rejects.toMatchObject({ code: 'not-found' })
    const pair = await pairOf(ada)
    await expect(fixture.at.classroom.moveToPair(session, stranger, pair)).rejects.toMatchObject({ code: 'not-found' })
  })
})
