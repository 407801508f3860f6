/** A course whose members have played rounds, with logs as they are stored: for tests of grades. */
import type { SessionInfo } from '../../contract/answers.ts'
import type { Course, CourseInfo } from '../../contract/courses.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import type { Seat } from '../../protocol/seat.ts'
import { newId } from '../../server/base/ids.ts'
import type { PrismaClient } from '../../server/generated/prisma/client.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import type { Browser, TestApp } from './app.ts'
import { exercises } from './exercises.ts'
import { RoundFixture } from './round-fixture.ts'

/** The mistakes that a test makes: the server's SYN,ACK that does not count the SYN, with ack x or x+2. Each costs a quarter of a point. */
type Mistake = 'not-counted' | 'beyond'

/** A round of the handshake. `null`: the built-in partner. */
export interface PlayedHandshake {
  readonly session: string
  readonly client: string | null
  readonly server: string | null
  readonly mistakes?: readonly Mistake[]
  readonly position?: number
  /** It is left before the server has answered. */
  readonly unfinished?: true
  /** It was judged by an engine that charged so many eighths of a point for a refusal. */
  readonly refusalEighths?: number
}

/** What a graded course is made with: a database, and a teacher's requests. */
export interface CourseTools {
  readonly prisma: PrismaClient
  readonly log: Pick<RoundLog, 'append'>
  /** POSTs as the teacher; resolves to the answer. */
  post(path: string, body: object): Promise<unknown>
  /** The time of the next session or round. */
  tick(): Date
}

export interface GradedCourse {
  readonly course: string
  /** Ids by name. */
  readonly members: ReadonlyMap<string, string>
  addSession(fields?: object): Promise<string>
  /** Has a round played by members, named by their names. Resolves to its id. */
  play(round: PlayedHandshake): Promise<string>
  /** The id of the participant that a member is in a session; of null, the built-in partner's. */
  participantOf(session: string, name: string | null): Promise<string>
}

/** Creates a course with these members, numbered from 1001. */
export async function createGradedCourse(
  { prisma, log, post, tick }: CourseTools,
  names: readonly string[],
): Promise<GradedCourse> {
  const course = ((await post('/api/courses', { title: 'Networks', language: 'en' })) as CourseInfo).id
  const members = new Map<string, string>()
  for (const [i, name] of names.entries()) {
    const made = (await post(`/api/courses/${course}/members`, { number: `${1001 + i}`, name })) as Course
    members.set(name, made.members.find((each) => each.name === name)?.id ?? '')
  }
  let pairs = 0

  const participantOf: GradedCourse['participantOf'] = async (session, name) => {
    const memberId = name === null ? null : (members.get(name) ?? '')
    const where = { sessionId: session, ...(memberId === null ? { builtIn: true } : { memberId }) }
    const known = await prisma.participant.findFirst({ where })
    if (known) return known.id
    const row = { id: newId(), name: name ?? '', skeleton: name ?? '', builtIn: name === null, memberId, createdAt: tick() }
    return (await prisma.participant.create({ data: { ...row, sessionId: session } })).id
  }

  return {
    course,
    members,
    participantOf,

    async addSession(fields = {}) {
      const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false, kind: 'roster', ...fields }
      const { id } = (await post(`/api/courses/${course}/sessions`, wanted)) as SessionInfo
      tick()
      return id
    },

    async play({ session, client, server, mistakes = [], position = 0, unfinished, refusalEighths }) {
      const [clientId, serverId] = [await participantOf(session, client), await participantOf(session, server)]
      const [id, pairId, createdAt] = [newId(), newId(), tick()]
      const pair = { id: pairId, sessionId: session, number: ++pairs, firstId: clientId, secondId: serverId, createdAt }
      await prisma.pair.create({ data: pair })
      const exercise = `handshake@${exercises.get('handshake')?.version}`
      const row = { id, sessionId: session, pairId, position, leg: 1, exercise, clientId, serverId, createdAt }
      await prisma.round.create({ data: row })
      await prisma.session.update({ where: { id: session }, data: { position } })
      for (const entry of playHandshake({ client, server }, mistakes, unfinished === true)) {
        const effects = entry.effects.map((effect) =>
          effect.kind === 'charged' && refusalEighths !== undefined ? { ...effect, eighths: refusalEighths } : effect,
        )
        await log.append({ ...entry, effects, roundId: id, at: createdAt.toISOString() })
      }
      return id
    },
  }
}

/** As `createGradedCourse`, in the application under test; its clock goes on by a minute with each session and round. */
export async function makeGradedCourse(
  at: TestApp,
  names: readonly string[],
): Promise<GradedCourse & { readonly teacher: Browser }> {
  const teacher = await at.teacher()
  const post = async (path: string, body: object): Promise<unknown> => (await teacher.post(path, body)).json()
  const tick = () => {
    const { now } = at.clock
    at.clock.now = new Date(now.getTime() + 60_000)
    return now
  }
  return { teacher, ...(await createGradedCourse({ prisma: at.prisma, log: at.log, post, tick }, names)) }
}

function playHandshake(
  names: { readonly [S in Seat]: string | null },
  mistakes: readonly Mistake[],
  unfinished: boolean,
): RoundFixture['entries'] {
  const playerOf = (name: string | null) => (name === null ? ('partner' as const) : ('person' as const))
  const players = { client: playerOf(names.client), server: playerOf(names.server) }
  const fixture = new RoundFixture(exercises.get('handshake')!, 'guided', undefined, { players })
  fixture.play((world) => world.hosts.server.received.includes('SYN') && nextEngineAction(world, 'server').kind === 'send')
  for (const mistake of mistakes) fixture.send('server', 'SA', 'y', mistake === 'beyond' ? 'x+2' : 'x', 'SYN-RECEIVED')
  if (unfinished) fixture.control({ kind: 'control', control: 'end', why: 'moved-on' })
  return fixture.play().entries
}
