import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { testApp, type TestApp } from '../support/app.ts'
import { newId } from '../../server/base/ids.ts'

let at: TestApp
let teacher: string
beforeAll(async () => {
  at = await testApp()
  teacher = newId()
  await at.prisma.teacher.create({ data: { id: teacher } })
})
afterAll(() => at.stop())
beforeEach(() => {
  at.present.clear()
  at.rounds.asked.length = 0
  for (const list of [at.told.places, at.told.sessions, at.told.participants, at.told.tiles]) list.length = 0
})

const lesson = async ({ swap = true, playlist = ['handshake', 'data', 'close-client'], level = 'guided' as const } = {}) =>
  (await at.classroom.createSession(teacher, { title: 'Monday', level, playlist, swap })).id

/** Makes these participants join and be present. Returns their ids. */
const join = async (session: string, ...names: string[]): Promise<string[]> => {
  const ids = []
  for (const name of names) {
    const { participant } = await at.classroom.join(session, name)
    at.present.add(participant.id)
    ids.push(participant.id)
  }
  return ids
}

const placeOf = async (id: string) => {
  const [place] = await at.classroom.readPlaces([id])
  if (!place) throw new Error(`no place for ${id}`)
  return place
}
const roundOf = async (id: string) => {
  const { round } = await placeOf(id)
  if (!round) throw new Error(`no round for ${id}`)
  return round
}
/** The pairs of a session: for each, the ids of its members in sorted order. */
const pairsOf = async (session: string) =>
  (await at.classroom.readTiles(session)).map(({ members }) => members.map(({ id }) => id).sort())

describe('joining', () => {
  test('a code is read in any case, width and grouping', async () => {
    const { id, code } = await at.classroom.readSession(await lesson())
    expect(code).toMatch(/^[A-Z2-9]{6}$/)
    for (const typed of [
      code,
      ` ${code.slice(0, 3).toLowerCase()}-${code.slice(3)} `,
      [...code].map((c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join(''),
    ]) {
      expect((await at.classroom.findByCode(typed)).id).toBe(id)
    }
    await expect(at.classroom.findByCode('AAAAAA')).rejects.toMatchObject({ code: 'wrong-code' })
  })

  test('a name is one line of NFC text without control characters', async () => {
    const session = await lesson()
    const { participant } = await at.classroom.join(session, '  He\u0301le\u0300ne \u0000\u202E \n Curie\u200B ')
    expect(participant.name).toBe('Hélène Curie')
    await expect(at.classroom.join(session, ' \u0000\u200B ')).rejects.toMatchObject({ code: 'malformed' })
  })

  test('a name in use gets the next free number, also when many take it at once', async () => {
    const session = await lesson()
    const joined = await Promise.all(Array.from({ length: 40 }, () => at.classroom.join(session, 'Heron')))
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
      const names = [await at.classroom.join(session, name), await at.classroom.join(session, name)]
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
    await at.classroom.join(session, 'Ann')
    const { participant, renamed } = await at.classroom.join(session, alike)
    expect(participant.name).toMatch(/^.{3,4} 2$/u)
    expect(renamed).toBe(true)
    expect((await at.classroom.join(session, 'Ann')).participant.name).toBe('Ann 3')
  })

  test('names in scripts that need joiners, and emoji made of several, stay as they are', async () => {
    const session = await lesson()
    for (const name of ['نازنین\u200Cزهرا', '👩\u200D🚀', '❤\uFE0F', '王小明'])
      expect((await at.classroom.join(session, name)).participant.name).toBe(name)
  })

  test.each(['\u200B', '\u3164', '\u2800 \u2800', '\u{E0041}\u{E0042}', '\uFE0F', '\u200D\u200D', '\u115F'])(
    'a name of nothing that can be seen is malformed: %j',
    async (name) => {
      await expect(at.classroom.join(await lesson(), name)).rejects.toMatchObject({ code: 'malformed' })
    },
  )

  test('ghosts are removed: who is not there and has never had a pair; their names are free again', async () => {
    const session = await lesson()
    const [a, b, here] = await Promise.all(['Ada', 'Bob', 'Cyd'].map((name) => at.classroom.join(session, name)))
    for (let i = 0; i < 5; i++) await at.classroom.join(session, 'Ghost')
    await at.classroom.makePair(session, [a!.participant.id, b!.participant.id])
    await at.classroom.dissolvePair(session, (await at.classroom.readTiles(session))[0]!.pair)
    at.present.add(here!.participant.id)
    await at.classroom.removeAbsent(session)
    const names = (await at.classroom.readParticipants(session)).map(({ name }) => name)
    expect(names.sort()).toEqual(['Ada', 'Bob', 'Cyd'])
    expect((await at.classroom.join(session, 'Ghost')).renamed).toBe(false)
  })

  test('one participant is removed, present or not: their pair is taken apart, their name is free, and their device is nobody’s', async () => {
    const session = await lesson()
    const [ada = '', bob = '', cyd = ''] = await join(session, 'Ada', 'Bob', 'Cyd')
    await at.classroom.makePair(session, [ada, bob])
    await at.classroom.openExercise(session, 0)
    const { id } = await roundOf(ada)
    await at.classroom.removeParticipant(session, ada)
    expect(at.rounds.asked).toContain(`end ${id} moved-on`)
    expect(at.told.places.at(-1)).toEqual([ada])
    const { participants, tiles } = await at.classroom.readBoard(session)
    expect(participants.map(({ name, pair }) => [name, pair]).sort()).toEqual([
      ['Bob', null],
      ['Cyd', null],
    ])
    expect(tiles).toEqual([])
    expect(await at.classroom.readPlaces([ada])).toEqual([])
    expect(await at.classroom.findParticipants(session, [ada])).toEqual([])
    expect((await placeOf(bob)).waiting).toBe('for-partner')
    expect((await at.classroom.join(session, 'Ada')).renamed).toBe(false)
    await at.classroom.pairPresent(session)
    expect((await at.classroom.readTiles(session)).flatMap(({ members }) => members.map((member) => member.id))).not.toContain(ada)

    await at.classroom.removeParticipant(session, cyd)
    for (const gone of [ada, cyd])
      await expect(at.classroom.removeParticipant(session, gone)).rejects.toMatchObject({ code: 'not-found' })
    await expect(at.classroom.makePair(session, [ada, bob])).rejects.toMatchObject({ code: 'not-found' })
    const another = await lesson()
    await expect(at.classroom.removeParticipant(another, bob)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('ghosts that are connected are removed with all who have no pair; whoever has one stays', async () => {
    const session = await lesson()
    const [ada = '', bob = '', ghost = ''] = await join(session, 'Ada', 'Bob', 'Ghost', 'Ghost', 'Ghost')
    await at.classroom.makePair(session, [ada, bob])
    await at.classroom.makePair(session, [ghost])
    await at.classroom.dissolvePair(session, (await at.classroom.readTiles(session)).at(-1)!.pair)
    await at.classroom.removeUnpaired(session)
    expect((await at.classroom.readParticipants(session)).map(({ id }) => id).sort()).toEqual([ada, bob].sort())
    expect(at.told.places.at(-1)).toHaveLength(3)
    expect(at.told.places.at(-1)).toContain(ghost)
    expect((await at.classroom.join(session, 'Ghost')).renamed).toBe(false)
  })

  test('who waits is counted: present and without a pair', async () => {
    const session = await lesson()
    const [ada = '', bob = '', cyd = ''] = await join(session, 'Ada', 'Bob', 'Cyd', 'Dan')
    await at.classroom.makePair(session, [ada, bob])
    expect((await placeOf(cyd)).session.waiting).toBe(2)
    at.present.delete(cyd)
    expect(await at.classroom.countWaiting(session)).toBe(1)
  })

  test('the same name in another session is free', async () => {
    await at.classroom.join(await lesson(), 'Heron')
    expect((await at.classroom.join(await lesson(), 'Heron')).renamed).toBe(false)
  })

  test('a lesson with an exercise that does not exist cannot be made', async () => {
    await expect(lesson({ playlist: ['handshake', 'nonsense'] })).rejects.toMatchObject({ code: 'malformed' })
  })
})

describe('pairing', () => {
  test('pairs those who are present and have no pair; the odd one gets the built-in partner until somebody else comes', async () => {
    const session = await lesson()
    const [, , , , absent = ''] = await join(session, 'Ada', 'Bob', 'Cyd', 'Dan', 'Eve')
    at.present.delete(absent)
    const [odd = ''] = await join(session, 'Fay')
    at.present.delete(odd)
    await at.classroom.pairPresent(session)
    expect(await pairsOf(session)).toHaveLength(2)
    expect((await placeOf(odd)).waiting).toBe('for-partner')

    at.present.add(odd)
    await at.classroom.pairPresent(session)
    expect(await pairsOf(session)).toHaveLength(3)
    const { participants, tiles } = await at.classroom.readBoard(session)
    expect(participants.filter(({ pair }) => pair === null).map(({ name }) => name)).toEqual(['Eve'])
    expect(tiles.at(-1)?.members.map(({ name }) => name)).toEqual(['Fay', null])
    expect((await placeOf(odd)).partner).toEqual({ name: null, present: true })

    at.present.add(absent)
    await at.classroom.pairPresent(session)
    expect(await pairsOf(session)).toHaveLength(3)
    expect((await placeOf(odd)).partner?.name).toBe('Eve')
  })

  test('whoever plays with the built-in partner is left to it; its seat is the partner’s from the first entry on', async () => {
    const session = await lesson()
    const [ann = ''] = await join(session, 'Ann')
    await at.classroom.pairPresent(session)
    await at.classroom.openExercise(session, 0)
    const { id, seat } = await roundOf(ann)
    expect((await at.rounds.readWorld(id))?.script.players).toEqual({ client: 'partner', server: 'partner', [seat]: 'person' })
    await join(session, 'Bea')
    await at.classroom.pairPresent(session)
    expect((await at.classroom.readTiles(session)).map(({ members }) => members.map(({ name }) => name))).toEqual([
      ['Ann', null],
      ['Bea', null],
    ])
  })

  test('one can be given the built-in partner by hand', async () => {
    const session = await lesson()
    const [ann = '', bea = ''] = await join(session, 'Ann', 'Bea')
    await at.classroom.makePair(session, [ann, bea])
    await at.classroom.makePair(session, [ann])
    expect((await placeOf(ann)).partner?.name).toBeNull()
    expect((await placeOf(bea)).waiting).toBe('for-partner')
  })

  test('an odd one may have the wire of a pair instead; in each exercise another of the three has it', async () => {
    const session = await lesson({ playlist: ['handshake', 'data', 'close-client'], swap: true })
    const three = await join(session, 'Ada', 'Bob', 'Cyd')
    await at.classroom.pairPresent(session, 'network')
    expect(await pairsOf(session)).toEqual([[...three].sort()])
    const wires = new Set<string>()
    for (const position of [0, 1, 2]) {
      await at.classroom.openExercise(session, position)
      const places = await at.classroom.readPlaces(three)
      const [third] = places.filter(({ wire }) => wire)
      const hosts = places.filter(({ round }) => round)
      expect(hosts).toHaveLength(2)
      expect(third).toMatchObject({ waiting: null, partner: null, wire: { leg: 1 } })
      expect(new Set(Object.values(third?.wire?.names ?? {}))).toEqual(new Set(hosts.map(({ me }) => me.name)))
      expect(new Set(hosts.map(({ partner }) => partner?.name))).toEqual(new Set(hosts.map(({ me }) => me.name)))
      wires.add(third?.me.id ?? '')
    }
    expect(wires).toEqual(new Set(three))
  })

  test('pressed twice at once, nobody is in two pairs', async () => {
    const session = await lesson()
    await join(session, ...Array.from({ length: 20 }, (_, i) => `S${i}`))
    await Promise.all([1, 2, 3].map(() => at.classroom.pairPresent(session)))
    const members = (await pairsOf(session)).flat()
    expect(members).toHaveLength(20)
    expect(new Set(members).size).toBe(20)
  })

  test('last partners are avoided where anybody else can be had', async () => {
    const session = await lesson()
    const everybody = await join(session, 'Ada', 'Bob', 'Cyd', 'Dan')
    for (let time = 0; time < 8; time++) {
      const before = await pairsOf(session)
      for (const { pair } of await at.classroom.readTiles(session)) await at.classroom.dissolvePair(session, pair)
      await at.classroom.pairPresent(session)
      const after = await pairsOf(session)
      expect(after.flat().sort()).toEqual([...everybody].sort())
      for (const pair of after) expect(before).not.toContainEqual(pair)
    }
  })

  test('by hand: the two leave their pairs, whose rounds end', async () => {
    const session = await lesson()
    const [a = '', b = '', c = '', d = ''] = await join(session, 'Ada', 'Bob', 'Cyd', 'Dan')
    await at.classroom.makePair(session, [a, b])
    await at.classroom.makePair(session, [c, d])
    await at.classroom.openExercise(session, 0)
    const left = await roundOf(a)
    await at.classroom.makePair(session, [a, c])

    expect(at.rounds.asked).toContain(`end ${left.id} moved-on`)
    expect(await pairsOf(session)).toEqual([[a, c].sort()])
    expect((await roundOf(a)).id).toBe((await roundOf(c)).id)
    expect((await placeOf(b)).waiting).toBe('for-partner')
    expect(at.told.places.flat()).toEqual(expect.arrayContaining([a, b, c, d]))
  })

  test('by hand: an existing pair stays as it is', async () => {
    const session = await lesson()
    const [a = '', b = ''] = await join(session, 'Ada', 'Bob')
    await at.classroom.makePair(session, [a, b])
    await at.classroom.openExercise(session, 0)
    const { id } = await roundOf(a)
    await at.classroom.makePair(session, [b, a])
    expect((await roundOf(a)).id).toBe(id)
  })

  test('by hand: one person, or somebody of another session, makes no pair', async () => {
    const session = await lesson()
    const [a = ''] = await join(session, 'Ada')
    const [stranger = ''] = await join(await lesson(), 'Bob')
    await expect(at.classroom.makePair(session, [a, a])).rejects.toMatchObject({ code: 'malformed' })
    await expect(at.classroom.makePair(session, [a, stranger])).rejects.toMatchObject({ code: 'not-found' })
  })

  test('a pair taken apart ends its round and both wait for a partner', async () => {
    const session = await lesson()
    const [a = '', b = ''] = await join(session, 'Ada', 'Bob')
    await at.classroom.pairPresent(session)
    await at.classroom.openExercise(session, 0)
    const { id } = await roundOf(a)
    const [tile] = await at.classroom.readTiles(session)
    await at.classroom.dissolvePair(session, tile?.pair ?? '')
    expect(at.rounds.asked).toContain(`end ${id} moved-on`)
    for (const one of [a, b]) expect(await placeOf(one)).toMatchObject({ waiting: 'for-partner', partner: null, round: null })
    await expect(at.classroom.dissolvePair(session, tile?.pair ?? '')).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('the way through a lesson', () => {
  test('place: for-partner, for-start, round, for-next, ended', async () => {
    const session = await lesson({ swap: false })
    const [a = '', b = ''] = await join(session, 'Ada', 'Bob')
    expect(await placeOf(a)).toMatchObject({ me: { name: 'Ada' }, waiting: 'for-partner', partner: null, round: null })
    await at.classroom.pairPresent(session)
    expect(await placeOf(a)).toMatchObject({
      waiting: 'for-start',
      partner: { name: 'Bob', present: true },
      session: { position: null, exercises: 3 },
    })
    await at.classroom.openExercise(session, 0)
    const place = await placeOf(a)
    expect(place).toMatchObject({
      waiting: null,
      session: { position: 0 },
      round: { leg: 1, legs: 1, exercise: { id: 'handshake' } },
    })
    const { id } = await roundOf(b)
    await at.rounds.finish(id)
    await at.progress.advance(id)
    expect(await placeOf(a)).toMatchObject({ waiting: 'for-next', round: null })
    await at.classroom.endSession(session)
    expect(await placeOf(a)).toMatchObject({ waiting: 'ended', round: null, session: { ended: true } })
  })

  test('what a seat is told is its own, without what its hints will say; at exam in absolute numbers', async () => {
    const told = async (level: 'guided' | 'exam') => {
      const { id } = await at.classroom.createSession(teacher, { title: 'T', level, playlist: ['handshake'], swap: false })
      const [a = '', b = ''] = await join(id, 'Ada', 'Bob')
      await at.classroom.makePair(id, [a, b])
      await at.classroom.openExercise(id, 0)
      return [await roundOf(a), await roundOf(b)] as const
    }
    const [client, server] = await told('guided')
    expect([client.seat, server.seat]).toEqual(['client', 'server'])
    expect(client.exercise.scenes[0]?.brief).not.toEqual(server.exercise.scenes[0]?.brief)
    expect(client).toMatchObject({ notation: 'textbook' })
    // The text of a hint is sent only after the hint has been bought.
    expect(JSON.stringify(client.exercise.scenes)).not.toMatch(/nudge|concept/)
    const [examined] = await told('exam')
    expect(examined).toMatchObject({ notation: 'absolute', level: 'exam' })
  })

  test('after a first leg with swap the second starts by itself, seats swapped and numbers fresh', async () => {
    const session = await lesson()
    const [a = '', b = ''] = await join(session, 'Ada', 'Bob')
    await at.classroom.makePair(session, [a, b])
    await at.classroom.openExercise(session, 0)
    const first = await roundOf(a)
    await at.rounds.finish(first.id)
    await at.progress.advance(first.id)

    const second = await roundOf(a)
    expect(second).toMatchObject({ leg: 2, legs: 2, seat: 'server' })
    expect(await roundOf(b)).toMatchObject({ id: second.id, seat: 'client' })
    const [before, after] = [at.rounds.worlds.get(first.id), at.rounds.worlds.get(second.id)]
    expect(after?.script.scenes[0]?.iss).not.toEqual(before?.script.scenes[0]?.iss)

    await at.rounds.finish(second.id)
    await at.progress.advance(second.id)
    expect((await placeOf(a)).waiting).toBe('for-next')
  })

  test('advance by two nodes at once opens one second leg; again it changes nothing', async () => {
    const session = await lesson()
    const [a = ''] = await join(session, 'Ada', 'Bob')
    await at.classroom.pairPresent(session)
    await at.classroom.openExercise(session, 0)
    const { id } = await roundOf(a)
    await at.rounds.finish(id, 'broken')
    await Promise.all([at.progress.advance(id), at.progress.advance(id)])
    await at.progress.advance(id)
    expect(await at.prisma.round.count({ where: { sessionId: session } })).toBe(2)
  })

  test('advance starts a round whose node died before its first entry', async () => {
    const session = await lesson()
    const [a = ''] = await join(session, 'Ada', 'Bob')
    await at.classroom.pairPresent(session)
    await at.classroom.openExercise(session, 0)
    const { id } = await roundOf(a)
    at.rounds.worlds.delete(id)
    await at.progress.advance(id)
    expect(at.rounds.worlds.has(id)).toBe(true)
  })

  test('moving on ends what runs and opens the next for all pairs; who begins as the client alternates', async () => {
    const session = await lesson({ swap: false })
    const [a = '', b = ''] = await join(session, 'Ada', 'Bob')
    await at.classroom.makePair(session, [a, b])
    await at.classroom.openExercise(session, 0)
    const first = await roundOf(a)
    await at.classroom.openExercise(session, 1)
    const second = await roundOf(a)
    expect(at.rounds.asked).toEqual([`start ${first.id}`, `end ${first.id} moved-on`, `start ${second.id}`])
    expect([first.seat, second.seat]).toEqual(['client', 'server'])
    expect(second.exercise.id).toBe('data')
    expect(at.told.sessions).toEqual([session, session])

    // A node may learn late that the first round has ended.
    await at.progress.advance(first.id)
    expect((await roundOf(a)).id).toBe(second.id)
  })

  test('a round that is stopped before it has started does not run', async () => {
    const session = await lesson({ swap: false })
    const [a = ''] = await join(session, 'Ada', 'Bob')
    await at.classroom.pairPresent(session)
    const start = at.rounds.start.bind(at.rounds)
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const reached = new Promise<string>((resolve) => {
      vi.spyOn(at.rounds, 'start').mockImplementationOnce(async (round, script) => {
        resolve(round)
        await held
        return start(round, script)
      })
    })
    const slow = at.classroom.openExercise(session, 0)
    const first = await reached
    await at.classroom.openExercise(session, 1)
    release()
    await slow
    expect(at.rounds.worlds.get(first)?.over).toBe('moved-on')
    expect(await roundOf(a)).toMatchObject({ exercise: { id: 'data' } })
  })

  test('moving to the position that is open changes nothing, and starts what did not start', async () => {
    const session = await lesson()
    const [a = ''] = await join(session, 'Ada', 'Bob')
    await at.classroom.pairPresent(session)
    await Promise.all([at.classroom.openExercise(session, 0), at.classroom.openExercise(session, 0)])
    expect(await at.prisma.round.count({ where: { sessionId: session } })).toBe(1)
    const { id } = await roundOf(a)
    at.rounds.worlds.delete(id)
    await at.classroom.openExercise(session, 0)
    expect(at.rounds.worlds.has(id)).toBe(true)
  })

  test('going back to an exercise plays it again', async () => {
    const session = await lesson()
    const [a = '', b = ''] = await join(session, 'Ada', 'Bob')
    await at.classroom.makePair(session, [a, b])
    await at.classroom.openExercise(session, 0)
    const first = await roundOf(a)
    await at.classroom.openExercise(session, 1)
    await at.classroom.openExercise(session, 0)
    const again = await roundOf(a)
    expect(again.id).not.toBe(first.id)
    expect(again).toMatchObject({ leg: 1, exercise: { id: 'handshake' } })
    await at.rounds.finish(again.id)
    await at.progress.advance(again.id)
    expect(await roundOf(a)).toMatchObject({ leg: 2, exercise: { id: 'handshake' } })
  })

  test('a position beyond the playlist moves nothing', async () => {
    const session = await lesson()
    await expect(at.classroom.openExercise(session, 3)).rejects.toMatchObject({ code: 'malformed' })
    expect(await at.classroom.readSession(session)).toMatchObject({ position: null })
  })

  test('a pair made while an exercise is open starts it at once', async () => {
    const session = await lesson()
    await at.classroom.openExercise(session, 1)
    const [a = ''] = await join(session, 'Ada', 'Bob')
    await at.classroom.pairPresent(session)
    expect((await roundOf(a)).exercise.id).toBe('data')
  })

  test('a lesson that has ended takes nobody, pairs nobody and moves nowhere', async () => {
    const session = await lesson()
    const { code } = await at.classroom.readSession(session)
    const [a = '', b = ''] = await join(session, 'Ada', 'Bob')
    await at.classroom.pairPresent(session)
    await at.classroom.openExercise(session, 0)
    const { id } = await roundOf(a)
    await at.classroom.endSession(session)
    await at.classroom.endSession(session)
    expect(at.rounds.asked).toContain(`end ${id} ended`)
    const over = { code: 'session-ended' }
    await expect(at.classroom.findByCode(code)).rejects.toMatchObject(over)
    await expect(at.classroom.pairPresent(session)).rejects.toMatchObject(over)
    await expect(at.classroom.makePair(session, [a, b])).rejects.toMatchObject(over)
    await expect(at.classroom.openExercise(session, 1)).rejects.toMatchObject(over)
    await at.progress.advance(id)
    expect(await at.prisma.round.count({ where: { sessionId: session } })).toBe(1)
  })
})
