/** A classroom in memory of a server, over a database of its own: lessons, participants and where they are. */
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { newId } from '../../server/base/ids.ts'
import { testApp, type TestApp } from './app.ts'

/** To be called once in a test file: it starts the classroom before the file's tests, and forgets between them what was told. */
export function classroomFixture() {
  let at: TestApp
  const teacher = newId()
  beforeAll(async () => {
    at = await testApp()
    await at.prisma.teacher.create({ data: { id: teacher } })
  })
  afterAll(() => at.stop())
  beforeEach(() => {
    at.present.clear()
    at.rounds.asked.length = 0
    for (const list of [at.told.places, at.told.sessions, at.told.participants, at.told.tiles]) list.length = 0
  })

  const placeOf = async (id: string) => {
    const [place] = await at.classroom.readPlaces([id])
    if (!place) throw new Error(`no place for ${id}`)
    return place
  }
  return {
    teacher,
    /** Only within tests: the classroom is started before them. */
    get at() {
      return at
    },
    lesson: async ({
      swap = true,
      playlist = ['handshake', 'data', 'close-client'],
      level = 'guided' as const,
      tcpByHand = false,
    } = {}) => (await at.classroom.createSession(teacher, { title: 'Monday', level, playlist, swap, tcpByHand })).id,
    /** Makes these participants join and be present. Returns their ids. */
    async join(session: string, ...names: string[]): Promise<string[]> {
      const ids = []
      for (const name of names) {
        const { participant } = await at.classroom.join(session, name)
        at.present.add(participant.id)
        ids.push(participant.id)
      }
      return ids
    },
    placeOf,
    async roundOf(id: string) {
      const { round } = await placeOf(id)
      if (!round) throw new Error(`no round for ${id}`)
      return round
    },
    /** The pairs of a session: for each, the ids of its members in sorted order. */
    pairsOf: async (session: string) =>
      (await at.classroom.readTiles(session)).map(({ members }) => members.map(({ id }) => id).sort()),
  }
}
