import { describe, expect, test, vi } from 'vitest'
import { classroomFixture } from '../support/classroom.ts'

const fixture = classroomFixture()
const { teacher, lesson, join, placeOf, roundOf, pairsOf } = fixture

describe('pairing', () => {
  test('pairs those who are present and have no pair; the odd one gets the built-in partner until somebody else comes', async () => {
    const session = await lesson()
    const [, , , , absent = ''] = await join(session, 'Ada', 'Bob', 'Cyd', 'Dan', 'Eve')
    fixture.at.present.delete(absent)
    const [odd = ''] = await join(session, 'Fay')
    fixture.at.present.delete(odd)
    await fixture.at.classroom.pairPresent(session)
    expect(await pairsOf(session)).toHaveLength(2)
    expect((await placeOf(odd)).waiting).toBe('for-partner')

    fixture.at.present.add(odd)
    await fixture.at.classroom.pairPresent(session)
    expect(await pairsOf(session)).toHaveLength(3)
    const { participants, tiles } = await fixture.at.classroom.readBoard(session)
    expect(participants.filter(({ pair }) => pair === null).map(({ name }) => name)).toEqual(['Eve'])
    expect(tiles.at(-1)?.members.map(({ name }) => name)).toEqual(['Fay', null])
    expect((await placeOf(odd)).partner).toEqual({ name: null, present: true })

    fixture.at.present.add(absent)
    await fixture.at.classroom.pairPresent(session)
    expect(await pairsOf(session)).toHaveLength(3)
    expect((await placeOf(odd)).partner?.name).toBe('Eve')
  })

  test('whoever plays with the built-in partner is left to it; its seat is the partner’s from the first entry on', async () => {
    const session = await lesson()
    const [ann = ''] = await join(session, 'Ann')
    await fixture.at.classroom.pairPresent(session)
    await fixture.at.classroom.openExercise(session, 0)
    const { id, seat } = await roundOf(ann)
    expect((await fixture.at.rounds.readWorld(id))?.script.players).toEqual({
      client: 'partner',
      server: 'partner',
      [seat]: 'person',
    })
    await join(session, 'Bea')
    await fixture.at.classroom.pairPresent(session)
    expect((await fixture.at.classroom.readTiles(session)).map(({ members }) => members.map(({ name }) => name))).toEqual([
      ['Ann', null],
      ['Bea', null],
    ])
  })

  test('one can be given the built-in partner by hand', async () => {
    const session = await lesson()
    const [ann = '', bea = ''] = await join(session, 'Ann', 'Bea')
    await fixture.at.classroom.makePair(session, [ann, bea])
    await fixture.at.classroom.makePair(session, [ann])
    expect((await placeOf(ann)).partner?.name).toBeNull()
    expect((await placeOf(bea)).waiting).toBe('for-partner')
  })

  test('an odd one may have the wire of a pair instead; in each exercise another of the three has it', async () => {
    const session = await lesson({ playlist: ['handshake', 'data', 'close-client'], swap: true })
    const three = await join(session, 'Ada', 'Bob', 'Cyd')
    await fixture.at.classroom.pairPresent(session, 'network')
    expect(await pairsOf(session)).toEqual([[...three].sort()])
    const wires = new Set<string>()
    for (const position of [0, 1, 2]) {
      await fixture.at.classroom.openExercise(session, position)
      const places = await fixture.at.classroom.readPlaces(three)
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
    await Promise.all([1, 2, 3].map(() => fixture.at.classroom.pairPresent(session)))
    const members = (await pairsOf(session)).flat()
    expect(members).toHaveLength(20)
    expect(new Set(members).size).toBe(20)
  })

  test('last partners are avoided where anybody else can be had', async () => {
    const session = await lesson()
    const everybody = await join(session, 'Ada', 'Bob', 'Cyd', 'Dan')
    for (let time = 0; time < 8; time++) {
      const before = await pairsOf(session)
      for (const { pair } of await fixture.at.classroom.readTiles(session)) await fixture.at.classroom.dissolvePair(session, pair)
      await fixture.at.classroom.pairPresent(session)
      const after = await pairsOf(session)
      expect(after.flat().sort()).toEqual([...everybody].sort())
      for (const pair of after) expect(before).not.toContainEqual(pair)
    }
  })

  test('by hand: the two leave their pairs, whose rounds end', async () => {
    const session = await lesson()
    const [a = '', b = '', c = '', d = ''] = await join(session, 'Ada', 'Bob', 'Cyd', 'Dan')
    await fixture.at.classroom.makePair(session, [a, b])
    await fixture.at.classroom.makePair(session, [c, d])
    await fixture.at.classroom.openExercise(session, 0)
    const left = await roundOf(a)
    await fixture.at.classroom.makePair(session, [a, c])

    expect(fixture.at.rounds.asked).toContain(`end ${left.id} moved-on`)
    expect(await pairsOf(session)).toEqual([[a, c].sort()])
    expect((await roundOf(a)).id).toBe((await roundOf(c)).id)
    expect((await placeOf(b)).waiting).toBe('for-partner')
    expect(fixture.at.told.places.flat()).toEqual(expect.arrayContaining([a, b, c, d]))
  })

  test('by hand: an existing pair stays as it is', async () => {
    const session = await lesson()
    const [a = '', b = ''] = await join(session, 'Ada', 'Bob')
    await fixture.at.classroom.makePair(session, [a, b])
    await fixture.at.classroom.openExercise(session, 0)
    const { id } = await roundOf(a)
    await fixture.at.classroom.makePair(session, [b, a])
    expect((await roundOf(a)).id).toBe(id)
  })

  test('by hand: one person, or somebody of another session, makes no pair', async () => {
    const session = await lesson()
    const [a = ''] = await join(session, 'Ada')
    const [stranger = ''] = await join(await lesson(), 'Bob')
    await expect(fixture.at.classroom.makePair(session, [a, a])).rejects.toMatchObject({ code: 'malformed' })
    await expect(fixture.at.classroom.makePair(session, [a, stranger])).rejects.toMatchObject({ code: 'not-found' })
  })

  test('a pair taken apart ends its round and both wait for a partner', async () => {
    const session = await lesson()
    const [a = '', b = ''] = await join(session, 'Ada', 'Bob')
    await fixture.at.classroom.pairPresent(session)
    await fixture.at.classroom.openExercise(session, 0)
    const { id } = await roundOf(a)
    const [tile] = await fixture.at.classroom.readTiles(session)
    await fixture.at.classroom.dissolvePair(session, tile?.pair ?? '')
    expect(fixture.at.rounds.asked).toContain(`end ${id} moved-on`)
    for (const one of [a, b]) expect(await placeOf(one)).toMatchObject({ waiting: 'for-partner', partner: null, round: null })
    await expect(fixture.at.classroom.dissolvePair(session, tile?.pair ?? '')).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('the way through a lesson', () => {
  test('place: for-partner, for-start, round, for-next, ended', async () => {
    const session = await lesson({ swap: false })
    const [a = '', b = ''] = await join(session, 'Ada', 'Bob')
    expect(await placeOf(a)).toMatchObject({ me: { name: 'Ada' }, waiting: 'for-partner', partner: null, round: null })
    await fixture.at.classroom.pairPresent(session)
    expect(await placeOf(a)).toMatchObject({
      waiting: 'for-start',
      partner: { name: 'Bob', present: true },
      session: { position: null, exercises: 3 },
    })
    await fixture.at.classroom.openExercise(session, 0)
    const place = await placeOf(a)
    expect(place).toMatchObject({
      waiting: null,
      session: { position: 0 },
      round: { leg: 1, legs: 1, exercise: { id: 'handshake' } },
    })
    const { id } = await roundOf(b)
    await fixture.at.rounds.finish(id)
    await fixture.at.progress.advance(id)
    expect(await placeOf(a)).toMatchObject({ waiting: 'for-next', round: null })
    await fixture.at.classroom.endSession(session)
    expect(await placeOf(a)).toMatchObject({ waiting: 'ended', round: null, session: { ended: true } })
  })

  test('what a seat is told is its own, without what its hints will say; at exam in absolute numbers', async () => {
    const told = async (level: 'guided' | 'exam') => {
      const { id } = await fixture.at.classroom.createSession(teacher, { title: 'T', level, playlist: ['handshake'], swap: false })
      const [a = '', b = ''] = await join(id, 'Ada', 'Bob')
      await fixture.at.classroom.makePair(id, [a, b])
      await fixture.at.classroom.openExercise(id, 0)
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
    await fixture.at.classroom.makePair(session, [a, b])
    await fixture.at.classroom.openExercise(session, 0)
    const first = await roundOf(a)
    await fixture.at.rounds.finish(first.id)
    await fixture.at.progress.advance(first.id)

    const second = await roundOf(a)
    expect(second).toMatchObject({ leg: 2, legs: 2, seat: 'server' })
    expect(await roundOf(b)).toMatchObject({ id: second.id, seat: 'client' })
    const [before, after] = [fixture.at.rounds.worlds.get(first.id), fixture.at.rounds.worlds.get(second.id)]
    expect(after?.script.scenes[0]?.iss).not.toEqual(before?.script.scenes[0]?.iss)

    await fixture.at.rounds.finish(second.id)
    await fixture.at.progress.advance(second.id)
    expect((await placeOf(a)).waiting).toBe('for-next')
  })

  test('a session with TCP by hand has both legs of an HTTPS exercise without autopilot; others have autopilot there', async () => {
    for (const tcpByHand of [true, false]) {
      const session = await lesson({ playlist: ['https-rsa'], tcpByHand })
      const [a = ''] = await join(session, 'Ada', 'Bob')
      await fixture.at.classroom.pairPresent(session)
      await fixture.at.classroom.openExercise(session, 0)
      const first = await roundOf(a)
      await fixture.at.rounds.finish(first.id)
      await fixture.at.progress.advance(first.id)
      const second = await roundOf(a)
      for (const { id } of [first, second])
        expect(fixture.at.rounds.worlds.get(id)?.script.tcp).toBe(tcpByHand ? undefined : 'autopilot')
    }
  })

  test('advance by two nodes at once opens one second leg; again it changes nothing', async () => {
    const session = await lesson()
    const [a = ''] = await join(session, 'Ada', 'Bob')
    await fixture.at.classroom.pairPresent(session)
    await fixture.at.classroom.openExercise(session, 0)
    const { id } = await roundOf(a)
    await fixture.at.rounds.finish(id, 'broken')
    await Promise.all([fixture.at.progress.advance(id), fixture.at.progress.advance(id)])
    await fixture.at.progress.advance(id)
    expect(await fixture.at.prisma.round.count({ where: { sessionId: session } })).toBe(2)
  })

  test('advance starts a round whose node died before its first entry', async () => {
    const session = await lesson()
    const [a = ''] = await join(session, 'Ada', 'Bob')
    await fixture.at.classroom.pairPresent(session)
    await fixture.at.classroom.openExercise(session, 0)
    const { id } = await roundOf(a)
    fixture.at.rounds.worlds.delete(id)
    await fixture.at.progress.advance(id)
    expect(fixture.at.rounds.worlds.has(id)).toBe(true)
  })

  test('moving on ends what runs and opens the next for all pairs; who begins as the client alternates', async () => {
    const session = await lesson({ swap: false })
    const [a = '', b = ''] = await join(session, 'Ada', 'Bob')
    await fixture.at.classroom.makePair(session, [a, b])
    await fixture.at.classroom.openExercise(session, 0)
    const first = await roundOf(a)
    await fixture.at.classroom.openExercise(session, 1)
    const second = await roundOf(a)
    expect(fixture.at.rounds.asked).toEqual([`start ${first.id}`, `end ${first.id} moved-on`, `start ${second.id}`])
    expect([first.seat, second.seat]).toEqual(['client', 'server'])
    expect(second.exercise.id).toBe('data')
    expect(fixture.at.told.sessions).toEqual([session, session])

    // A node may learn late that the first round has ended.
    await fixture.at.progress.advance(first.id)
    expect((await roundOf(a)).id).toBe(second.id)
  })

  test('a round that is stopped before it has started does not run', async () => {
    const session = await lesson({ swap: false })
    const [a = ''] = await join(session, 'Ada', 'Bob')
    await fixture.at.classroom.pairPresent(session)
    const start = fixture.at.rounds.start.bind(fixture.at.rounds)
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const reached = new Promise<string>((resolve) => {
      vi.spyOn(fixture.at.rounds, 'start').mockImplementationOnce(async (round, script) => {
        resolve(round)
        await held
        return start(round, script)
      })
    })
    const slow = fixture.at.classroom.openExercise(session, 0)
    const first = await reached
    await fixture.at.classroom.openExercise(session, 1)
    release()
    await slow
    expect(fixture.at.rounds.worlds.get(first)?.over).toBe('moved-on')
    expect(await roundOf(a)).toMatchObject({ exercise: { id: 'data' } })
  })

  test('moving to the position that is open changes nothing, and starts what did not start', async () => {
    const session = await lesson()
    const [a = ''] = await join(session, 'Ada', 'Bob')
    await fixture.at.classroom.pairPresent(session)
    await Promise.all([fixture.at.classroom.openExercise(session, 0), fixture.at.classroom.openExercise(session, 0)])
    expect(await fixture.at.prisma.round.count({ where: { sessionId: session } })).toBe(1)
    const { id } = await roundOf(a)
    fixture.at.rounds.worlds.delete(id)
    await fixture.at.classroom.openExercise(session, 0)
    expect(fixture.at.rounds.worlds.has(id)).toBe(true)
  })

  test('going back to an exercise plays it again', async () => {
    const session = await lesson()
    const [a = '', b = ''] = await join(session, 'Ada', 'Bob')
    await fixture.at.classroom.makePair(session, [a, b])
    await fixture.at.classroom.openExercise(session, 0)
    const first = await roundOf(a)
    await fixture.at.classroom.openExercise(session, 1)
    await fixture.at.classroom.openExercise(session, 0)
    const again = await roundOf(a)
    expect(again.id).not.toBe(first.id)
    expect(again).toMatchObject({ leg: 1, exercise: { id: 'handshake' } })
    await fixture.at.rounds.finish(again.id)
    await fixture.at.progress.advance(again.id)
    expect(await roundOf(a)).toMatchObject({ leg: 2, exercise: { id: 'handshake' } })
  })

  test('a position beyond the playlist moves nothing', async () => {
    const session = await lesson()
    await expect(fixture.at.classroom.openExercise(session, 3)).rejects.toMatchObject({ code: 'malformed' })
    expect(await fixture.at.classroom.readSession(session)).toMatchObject({ position: null })
  })

  test('a pair made while an exercise is open starts it at once', async () => {
    const session = await lesson()
    await fixture.at.classroom.openExercise(session, 1)
    const [a = ''] = await join(session, 'Ada', 'Bob')
    await fixture.at.classroom.pairPresent(session)
    expect((await roundOf(a)).exercise.id).toBe('data')
  })

  test('a lesson that has ended takes nobody, pairs nobody and moves nowhere', async () => {
    const session = await lesson()
    const { code } = await fixture.at.classroom.readSession(session)
    const [a = '', b = ''] = await join(session, 'Ada', 'Bob')
    await fixture.at.classroom.pairPresent(session)
    await fixture.at.classroom.openExercise(session, 0)
    const { id } = await roundOf(a)
    await fixture.at.classroom.endSession(session)
    await fixture.at.classroom.endSession(session)
    expect(fixture.at.rounds.asked).toContain(`end ${id} ended`)
    const over = { code: 'session-ended' }
    await expect(fixture.at.classroom.findByCode(code)).rejects.toMatchObject(over)
    await expect(fixture.at.classroom.pairPresent(session)).rejects.toMatchObject(over)
    await expect(fixture.at.classroom.makePair(session, [a, b])).rejects.toMatchObject(over)
    await expect(fixture.at.classroom.openExercise(session, 1)).rejects.toMatchObject(over)
    await fixture.at.progress.advance(id)
    expect(await fixture.at.prisma.round.count({ where: { sessionId: session } })).toBe(1)
  })

  test('reopened, it has the same people and pairs; only a pair whose round its end has cut off begins anew', async () => {
    const session = await lesson({ swap: false })
    const [a = '', b = '', c = '', d = ''] = await join(session, 'Ada', 'Bob', 'Cyd', 'Dan')
    const { classroom, rounds } = fixture.at
    await classroom.makePair(session, [a, b])
    await classroom.makePair(session, [c, d])
    await classroom.openExercise(session, 0)
    const [finished, cutOff] = [(await roundOf(a)).id, (await roundOf(c)).id]
    await rounds.finish(finished)
    await fixture.at.prisma.round.update({
      where: { id: finished },
      data: { endedAt: new Date(fixture.at.clock.now.getTime() - 1) },
    })
    await classroom.endSession(session)
    await fixture.at.prisma.round.update({ where: { id: cutOff }, data: { endedAt: fixture.at.clock.now } })

    await classroom.reopenSession(session)
    await classroom.reopenSession(session)
    expect(await classroom.readSession(session)).toMatchObject({ ended: false, position: 0 })
    expect(await placeOf(a)).toMatchObject({ waiting: 'for-next', round: null })
    const again = await roundOf(c)
    expect(again.id).not.toBe(cutOff)
    expect(rounds.asked.filter((asked) => asked.startsWith('start'))).toEqual([
      `start ${finished}`,
      `start ${cutOff}`,
      `start ${again.id}`,
    ])

    await classroom.changeSession(session, { deleted: false })
    await classroom.endSession(session)
    await classroom.changeSession(session, { deleted: true })
    await expect(classroom.reopenSession(session)).rejects.toMatchObject({ code: 'not-found' })
  })
})
