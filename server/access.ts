/** Who may do what: one table for HTTP and sockets, asked in one way. */
import type { Reply } from '../contract/events.ts'
import type { Payloads } from '../contract/schemas.ts'
import type { AnySeat } from '../protocol/world/exercise.ts'
import type { Principal } from './auth.ts'
import { Failed, failure } from './failed.ts'
import type { PrismaClient } from './generated/prisma/client.ts'

/**
 * - `anyone`: with or without a token.
 * - `teacher`: whoever is signed in as one.
 * - `teacher of the session`, `teacher of the round`: the one whose lesson it is.
 * - `teacher of the exercise`: the one who has brought it along.
 * - `seat of the round`: a participant who plays or has played in it.
 * - `network seat of the round`: the participant who has its wire.
 * - `seat or teacher of the round`: any of the last three.
 */
type Rule =
  | 'anyone'
  | 'teacher'
  | 'teacher of the session'
  | 'teacher of the round'
  | 'teacher of the exercise'
  | 'seat of the round'
  | 'network seat of the round'
  | 'seat or teacher of the round'

/** Every route by method and pattern, every socket event by name. What is not here is for nobody. */
export const ACCESS = {
  'GET /api/codes/:code': 'anyone',
  'POST /api/join': 'anyone',

  'GET /api/practice': 'anyone',
  'POST /api/practice': 'anyone',

  'GET /api/teacher': 'anyone',
  'POST /api/teacher/link': 'anyone',
  'POST /api/teacher/login': 'anyone',
  'POST /api/teacher/password': 'teacher',
  'POST /api/teacher/logout': 'teacher',

  'GET /api/exercises': 'teacher',
  'POST /api/exercises': 'teacher',
  'GET /api/exercises/:exercise': 'teacher of the exercise',
  'DELETE /api/exercises/:exercise': 'teacher of the exercise',
  'GET /api/addresses': 'teacher',

  'GET /api/sessions': 'teacher',
  'POST /api/sessions': 'teacher',
  'GET /api/sessions/:session': 'teacher of the session',
  'POST /api/sessions/:session/pairing': 'teacher of the session',
  'POST /api/sessions/:session/pairs': 'teacher of the session',
  'DELETE /api/sessions/:session/pairs/:pair': 'teacher of the session',
  'POST /api/sessions/:session/position': 'teacher of the session',
  'POST /api/sessions/:session/results': 'teacher of the session',
  'POST /api/sessions/:session/end': 'teacher of the session',
  'GET /api/sessions/:session/scores.csv': 'teacher of the session',

  'GET /api/rounds/:round/replay': 'seat or teacher of the round',
  'DELETE /api/rounds/:round/links': 'seat or teacher of the round',
  // The token is the proof.
  'GET /api/replays/:token': 'anyone',

  'GET /exercise.schema.json': 'anyone',
  'GET /openapi.json': 'anyone',
  'GET /healthz': 'anyone',
  // The pages and their assets; what they show comes from the routes above.
  'GET /': 'anyone',
  'GET /j/:code': 'anyone',
  'GET /r/:participant': 'anyone',
  'GET /replay/round/:round': 'anyone',
  'GET /replay/:token': 'anyone',
  'GET /glossary': 'anyone',
  'GET /practice': 'anyone',
  'GET /teach': 'anyone',
  'GET /teach/*': 'anyone',
  'GET /*': 'anyone',

  resume: 'seat of the round',
  act: 'seat of the round',
  resumeWire: 'network seat of the round',
  wire: 'network seat of the round',
  watch: 'teacher of the session',
  follow: 'teacher of the round',
  unfollow: 'teacher of the round',
  steer: 'teacher of the round',
} as const satisfies Record<string, Rule> & Record<keyof typeof Payloads, Rule>

export type Key = keyof typeof ACCESS

/** What a route's parameters or an event's payload name. */
export interface Target {
  readonly session?: string | undefined
  readonly round?: string | undefined
  readonly exercise?: string | undefined
}

/** `seat`: the principal's own, where the rule asks for one; null for a teacher. */
export interface Granted {
  readonly seat: AnySeat | null
}

export interface Access {
  /** Whether this principal may use this route or event on what it names. A failure is the answer to give. */
  may(principal: Principal | null, key: Key, target: Target): Promise<Reply<Granted>>
}

/** Whose a round is. None of it ever changes. */
interface Owners {
  readonly teacher: string | null
  readonly client: string
  readonly server: string
  readonly network: string | null
}

/** Rounds whose owners are remembered: each act asks. */
const REMEMBERED = 20_000

const ID = /^[\w-]{8,40}$/
const EXERCISE = /^[a-z0-9-]{1,60}\.[\w-]{22}$/

/** Who a rule is for. */
const WANTED: { readonly [R in Exclude<Rule, 'anyone'>]: readonly Principal['kind'][] } = {
  teacher: ['teacher'],
  'teacher of the session': ['teacher'],
  'teacher of the round': ['teacher'],
  'teacher of the exercise': ['teacher'],
  'seat of the round': ['participant'],
  'network seat of the round': ['participant'],
  'seat or teacher of the round': ['participant', 'teacher'],
}

export function createAccess(prisma: PrismaClient): Access {
  const remembered = new Map<string, Owners>()

  const ownersOf = async (round: string): Promise<Owners> => {
    const known = remembered.get(round)
    if (known) return known
    const row = await prisma.round.findUnique({
      where: { id: round },
      select: { clientId: true, serverId: true, networkId: true, session: { select: { teacherId: true } } },
    })
    if (!row) throw new Failed('not-found', 'There is no such round.')
    const { clientId: client, serverId: server, networkId: network } = row
    const owners = { teacher: row.session.teacherId, client, server, network }
    for (const oldest of remembered.keys()) {
      if (remembered.size < REMEMBERED) break
      remembered.delete(oldest)
    }
    remembered.set(round, owners)
    return owners
  }

  const teacherOf = async (session: string): Promise<string | null> => {
    const row = await prisma.session.findUnique({ where: { id: session }, select: { teacherId: true } })
    if (!row) throw new Failed('not-found', 'There is no such session.')
    return row.teacherId
  }

  const authorOf = async (exercise: string): Promise<string> => {
    const row = await prisma.ownExercise.findUnique({ where: { id: exercise }, select: { teacherId: true } })
    if (!row) throw new Failed('not-found', 'There is no such exercise.')
    return row.teacherId
  }

  const grant = async (principal: Principal | null, rule: Rule, target: Target): Promise<Granted> => {
    if (rule === 'anyone') return { seat: null }
    const wanted = WANTED[rule]
    if (!principal) {
      const how = wanted.map((kind) => (kind === 'teacher' ? 'sign in' : 'join')).join(' or ')
      throw new Failed('unauthenticated', `This is for a ${wanted.join(' or a ')}: ${how} first.`)
    }
    const forbidden = () => new Failed('forbidden', `This is for the ${rule}.`)
    if (!wanted.includes(principal.kind)) throw forbidden()

    switch (rule) {
      case 'teacher':
        return { seat: null }
      case 'teacher of the session':
        if ((await teacherOf(idIn(target.session))) !== principal.id) throw forbidden()
        return { seat: null }
      case 'teacher of the round':
        if ((await ownersOf(idIn(target.round))).teacher !== principal.id) throw forbidden()
        return { seat: null }
      case 'teacher of the exercise':
        if ((await authorOf(idIn(target.exercise, EXERCISE))) !== principal.id) throw forbidden()
        return { seat: null }
      case 'seat of the round':
      case 'network seat of the round':
      case 'seat or teacher of the round': {
        const { teacher, client, server, network } = await ownersOf(idIn(target.round))
        if (principal.kind === 'teacher' && principal.id === teacher) return { seat: null }
        if (rule !== 'network seat of the round' && principal.id === client) return { seat: 'client' }
        if (rule !== 'network seat of the round' && principal.id === server) return { seat: 'server' }
        if (rule !== 'seat of the round' && principal.id === network) return { seat: 'network' }
        throw forbidden()
      }
    }
  }

  return {
    async may(principal, key, target) {
      try {
        return { ok: true, ...(await grant(principal, ACCESS[key], target)) }
      } catch (error) {
        if (error instanceof Failed) return failure(error)
        throw error
      }
    },
  }
}

/** Nothing that is no id reaches the database. */
function idIn(text: string | undefined, form = ID): string {
  if (text === undefined || !form.test(text)) throw new Failed('not-found', 'There is nothing by that name.')
  return text
}
