import { describe, expect, test } from 'vitest'
import { classroomFixture } from '../support/classroom.ts'

const fixture = classroomFixture()
const { lesson, join, placeOf, roundOf } = fixture

describe('joining', () => {
  test('a code is read in any case, width and grouping', async () => {
    const { id, code } = await fixture.at.classroom.readSession(await lesson())
    expect(code).toMatch(/^[A-Z2-9]{6}$/)
    for (const typed of [
      code,
      ` ${code.slice(0, 3).toLowerCase()}-${code.slice(3)} `,
      [...code].map((c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join(''),
    ]) {
      expect((await fixture.at.classroom.findByCode(typed)).id).toBe(id)
    }
    await expect(fixture.at.classroom.findByCode('AAAAAA')).rejects.toMatchObject({ code: 'wrong-code' })
  })

  test('a name is one line of NFC text without control characters', async () => {
    const session = await lesson()
    const { participant } = await fixture.at.classroom.join(session, '  He\u0301le\u0300ne \u0000\u202E \n Curie\u200B ')
    expect(participant.name).toBe('Hélène Curie')
    await expect(fixture.at.classroom.join(session, ' \u0000\u200B ')).rejects.toMatchObject({ code: 'malformed' })
  })

  test('a name in use gets the next free number, also when many take it at once', async () => {
    const session = await lesson()
    const joined = await Promise.all(Array.from({ length: 40 }, () => fixture.at.classroom.join(session, 'Heron')))
    const names = joined.map(({ participant }) => participant.name)
    expect(new Set(names).size).toBe(40)
    expect(names).toContain('Heron')
    expect(names).toContain('Heron 40')
    expect(joined.filter(({ renamed }) => !renamed)).toHaveLength(1)
  })

  test.each(['SCHOOL\\ann', '100%', 'a_b', "O'Hara", '%', '_', '\\'])(
    '%s is a name like any other, also for a second one',
    async (name) => {
      const session = await lesson()
      const names = [await fixture.at.classroom.join(session, name), await fixture.at.classroom.join(session, name)]
      expect(names.map(({ participant }) => participant.name)).toEqual([name, `${name} 2`])
    },
  )

  test.each([
    ['a zero-width space', 'An\u200Bn'],
    ['a zero-width joiner', 'An\u200Dn'],
    ['a variation selector', 'Ann\uFE0F'],
    ['another variation selector', 'Ann\u{E0101}'],
    ['tag characters', 'Ann\u{E0041}\u{E007F}'],
    ['a soft hyphen', 'A\u00ADnn'],
    ['full width', 'Ａｎｎ'],
    ['a Cyrillic letter', '\u0410nn'],
    ['a Greek letter', '\u0391nn'],
    ['a Cherokee letter', '\u13AAnn'],
    ['a letter of mathematics', '\u{1D5A0}nn'],
  ])('a name that looks like another gets a number: %s', async (_, alike) => {
    const session = await lesson()
    await fixture.at.classroom.join(session, 'Ann')
    const { participant, renamed } = await fixture.at.classroom.join(session, alike)
    expect(participant.name).toMatch(/^.{3,4} 2$/u)
    expect(renamed).toBe(true)
    expect((await fixture.at.classroom.join(session, 'Ann')).participant.name).toBe('Ann 3')
  })

  test('names in scripts that need joiners, and emoji made of several, stay as they are', async () => {
    const session = await lesson()
    for (const name of ['نازنین\u200Cزهرا', '👩\u200D🚀', '❤\uFE0F', '王小明'])
      expect((await fixture.at.classroom.join(session, name)).participant.name).toBe(name)
  })

  test.each(['\u200B', '\u3164', '\u2800 \u2800', '\u{E0041}\u{E0042}', '\uFE0F', '\u200D\u200D', '\u115F'])(
    'a name of nothing that can be seen is malformed: %j',
    async (name) => {
      await expect(fixture.at.classroom.join(await lesson(), name)).rejects.toMatchObject({ code: 'malformed' })
    },
  )

  test('ghosts are removed: who is not there and has never had a pair; their names are free again', async () => {
    const session = await lesson()
    const [a, b, here] = await Promise.all(['Ada', 'Bob', 'Cyd'].map((name) => fixture.at.classroom.join(session, name)))
    for (let i = 0; i < 5; i++) await fixture.at.classroom.join(session, 'Ghost')
    await fixture.at.classroom.makePair(session, [a!.participant.id, b!.participant.id])
    await fixture.at.classroom.dissolvePair(session, (await fixture.at.classroom.readTiles(session))[0]!.pair)
    fixture.at.present.add(here!.participant.id)
    await fixture.at.classroom.removeAbsent(session)
    const names = (await fixture.at.classroom.readParticipants(session)).map(({ name }) => name)
    expect(names.sort()).toEqual(['Ada', 'Bob', 'Cyd'])
    expect((await fixture.at.classroom.join(session, 'Ghost')).renamed).toBe(false)
  })

  test('one participant is removed, present or not: their pair is taken apart, their name is free, and their device is nobody’s', async () => {
    const session = await lesson()
    const [ada = '', bob = '', cyd = ''] = await join(session, 'Ada', 'Bob', 'Cyd')
    await fixture.at.classroom.makePair(session, [ada, bob])
    await fixture.at.classroom.openExercise(session, 0)
    const { id } = await roundOf(ada)
    await fixture.at.classroom.removeParticipant(session, ada)
    expect(fixture.at.rounds.asked).toContain(`end ${id} moved-on`)
    expect(fixture.at.told.places.at(-1)).toEqual([ada])
    const { participants, tiles } = await fixture.at.classroom.readBoard(session)
    expect(participants.map(({ name, pair }) => [name, pair]).sort()).toEqual([
      ['Bob', null],
      ['Cyd', null],
    ])
    expect(tiles).toEqual([])
    expect(await fixture.at.classroom.readPlaces([ada])).toEqual([])
    expect(await fixture.at.classroom.findParticipants(session, [ada])).toEqual([])
    expect((await placeOf(bob)).waiting).toBe('for-partner')
    expect((await fixture.at.classroom.join(session, 'Ada')).renamed).toBe(false)
    await fixture.at.classroom.pairPresent(session)
    expect(
      (await fixture.at.classroom.readTiles(session)).flatMap(({ members }) => members.map((member) => member.id)),
    ).not.toContain(ada)

    await fixture.at.classroom.removeParticipant(session, cyd)
    for (const gone of [ada, cyd])
      await expect(fixture.at.classroom.removeParticipant(session, gone)).rejects.toMatchObject({ code: 'not-found' })
    await expect(fixture.at.classroom.makePair(session, [ada, bob])).rejects.toMatchObject({ code: 'not-found' })
    const another = await lesson()
    await expect(fixture.at.classroom.removeParticipant(another, bob)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('ghosts that are connected are removed with all who have no pair; whoever has one stays', async () => {
    const session = await lesson()
    const [ada = '', bob = '', ghost = ''] = await join(session, 'Ada', 'Bob', 'Ghost', 'Ghost', 'Ghost')
    await fixture.at.classroom.makePair(session, [ada, bob])
    await fixture.at.classroom.makePair(session, [ghost])
    await fixture.at.classroom.dissolvePair(session, (await fixture.at.classroom.readTiles(session)).at(-1)!.pair)
    await fixture.at.classroom.removeUnpaired(session)
    expect((await fixture.at.classroom.readParticipants(session)).map(({ id }) => id).sort()).toEqual([ada, bob].sort())
    expect(fixture.at.told.places.at(-1)).toHaveLength(3)
    expect(fixture.at.told.places.at(-1)).toContain(ghost)
    expect((await fixture.at.classroom.join(session, 'Ghost')).renamed).toBe(false)
  })

  test('who waits is counted: present and without a pair', async () => {
    const session = await lesson()
    const [ada = '', bob = '', cyd = ''] = await join(session, 'Ada', 'Bob', 'Cyd', 'Dan')
    await fixture.at.classroom.makePair(session, [ada, bob])
    expect((await placeOf(cyd)).session.waiting).toBe(2)
    fixture.at.present.delete(cyd)
    expect(await fixture.at.classroom.countWaiting(session)).toBe(1)
  })

  test('the same name in another session is free', async () => {
    await fixture.at.classroom.join(await lesson(), 'Heron')
    expect((await fixture.at.classroom.join(await lesson(), 'Heron')).renamed).toBe(false)
  })

  test('a lesson with an exercise that does not exist cannot be made', async () => {
    await expect(lesson({ playlist: ['handshake', 'nonsense'] })).rejects.toMatchObject({ code: 'malformed' })
  })
})
