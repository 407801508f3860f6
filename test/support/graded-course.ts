/** A course whose members have played rounds, with logs as they are stored: for tests of grades. */
import type { SessionInfo } from '../../contract/answers.ts'
import type { Course, CourseInfo } from '../../contract/courses.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import type { Seat } from '../../protocol/seat.ts'
import { newId } from '../../server/base/ids.ts'
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

export interface GradedCourse {
  readonly teacher: Browser
  readonly course: string
  /** Ids by name. */
  readonly members: ReadonlyMap<string, string>
  addSession(fields?: object): Promise<string>
  /** Has a round played by members, named by their names. Resolves to its id. */
  play(round: PlayedHandshake): Promise<string>
  /** A browser that holds the cookie of a member's participant in a session. */
  browserOf(name: string, session: string): Promise<Browser>
}

/** Creates a course with these members, numbered from 1. */
export async function makeGradedCourse(at: TestApp, names: readonly string[]): Promise<GradedCourse> {
  const teacher = await at.teacher()
  const course = (await teacher.post('/api/courses', { title: 'Networks', language: 'en' })).json<CourseInfo>().id
  const members = new Map<string, string>()
  for (const [i, name] of names.entries()) {
    const made = await teacher.post(`/api/courses/${course}/members`, { number: `${1001 + i}`, name })
    members.set(name, made.json<Course>().members.find((each) => each.name === name)?.id ?? '')
  }
  let pairs = 0

  /** The participant that a member is in a session; of null the built-in partner. */
  const participantOf = async (session: string, name: string | null): Promise<string> => {
    const memberId = name === null ? null : (members.get(name) ?? '')
    const where = { sessionId: session, ...(memberId === null ? { builtIn: true } : { memberId }) }
    const known = await at.prisma.participant.findFirst({ where })
    if (known) return known.id
    const id = newId()
    const row = { id, name: name ?? '', skeleton: name ?? '', builtIn: name === null, memberId, createdAt: at.clock.now }
    await at.prisma.participant.create({ data: { ...row, sessionId: session } })
    return id
  }

  return {
    teacher,
    course,
    members,

    async addSession(fields = {}) {
      const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false, kind: 'roster', ...fields }
      const { id } = (await teacher.post(`/api/courses/${course}/sessions`, wanted)).json<SessionInfo>()
      at.clock.now = new Date(at.clock.now.getTime() + 60_000)
      return id
    },

    async play({ session, client, server, mistakes = [], position = 0, unfinished, refusalEighths }) {
      const [clientId, serverId] = [await participantOf(session, client), await participantOf(session, server)]
      const ids = { id: newId(), pairId: newId() }
      const createdAt = at.clock.now
      at.clock.now = new Date(createdAt.getTime() + 60_000)
      const pair = { id: ids.pairId, sessionId: session, number: ++pairs, firstId: clientId, secondId: serverId, createdAt }
      await at.prisma.pair.create({ data: pair })
      const exercise = `handshake@${exercises.get('handshake')?.version}`
      const row = { id: ids.id, sessionId: session, pairId: ids.pairId, position, leg: 1, exercise, clientId, serverId, createdAt }
      await at.prisma.round.create({ data: row })
      for (const entry of playHandshake({ client, server }, mistakes, unfinished === true)) {
        const effects = entry.effects.map((effect) =>
          effect.kind === 'charged' && refusalEighths !== undefined ? { ...effect, eighths: refusalEighths } : effect,
        )
        await at.log.append({ ...entry, effects, roundId: ids.id, at: createdAt.toISOString() })
      }
      return ids.id
    },

    async browserOf(name, session) {
      const browser = at.browser()
      const id = await participantOf(session, name)
      for (const cookie of await at.auth.createParticipantCookies({ id, session }, {}))
        browser.cookies.set(cookie.name, cookie.value)
      return browser
    },
  }
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
