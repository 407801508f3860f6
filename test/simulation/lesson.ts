/** Draws a lesson from the seed: its participants, pairs and exercises. */
import type { Pair, Session } from '../../server/generated/prisma/client.ts'
import { memberIds } from '../../server/lessons/session-rows.ts'
import { blankPair, blankParticipant, blankSession } from '../support/blank-rows.ts'
import type { LessonRows } from '../support/lesson-store-memory.ts'
import type { VirtualTime } from './virtual-time.ts'

const TCP_EXERCISES = [
  'handshake',
  'handshake-lost-syn',
  'handshake-lost-synack',
  'handshake-lost-ack',
  'open-simultaneous',
  'refused',
  'reset',
  'data',
  'close-client',
  'close-simultaneous',
]

/** The share of lessons that are about HTTPS. It is small, because these take long to play. */
const HTTPS_SHARE = 0.03

/** A lesson that has not started. */
export interface DrawnLesson {
  readonly session: Session
  readonly pairs: readonly Pair[]
  /** Ids of the participants who are people, without the built-in partner. */
  readonly students: readonly string[]
  readonly rows: LessonRows
}

export function drawLesson(time: VirtualTime): DrawnLesson {
  const createdAt = time.now()
  const https = time.chance(HTTPS_SHARE)
  const oneExercise = () => time.oneOf(https ? ['https-rsa'] : TCP_EXERCISES)
  const session = blankSession({
    id: 'lesson',
    teacherId: 'teacher',
    code: 'CODE',
    level: time.oneOf(['guided', 'standard', 'exam']),
    playlist: https || time.chance(0.5) ? [oneExercise()] : [oneExercise(), oneExercise()],
    swap: !https && time.chance(0.4),
    partner: time.chance(0.5) ? { mistakes: true } : {},
    createdAt,
  })
  const groups = [
    ['ann', 'bob'],
    ['cem', 'built-in'],
    ['dan', 'eve', 'fay'],
  ]
  const first = Math.floor(time.random() * groups.length)
  const drawn = !https && time.chance(0.4) ? [groups[first]!, groups[(first + 1) % groups.length]!] : [groups[first]!]
  const pairs = drawn.map(([firstId = '', secondId = '', thirdId = null], i) => {
    const number = i + 1
    return blankPair({ id: `pair-${number}`, sessionId: session.id, number, firstId, secondId, thirdId, createdAt })
  })
  const participants = pairs.flatMap(memberIds).map((id) => {
    const name = id === 'built-in' ? '' : id
    return blankParticipant({ id, sessionId: session.id, name, createdAt })
  })
  const students = participants.flatMap(({ id, builtIn }) => (builtIn ? [] : [id]))
  return { session, pairs, students, rows: { sessions: [session], participants, pairs } }
}
