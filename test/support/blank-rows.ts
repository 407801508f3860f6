/** Rows of a lesson as the database would fill them in, so that tests name only the columns they are about. */
import type { Pair, Participant, Session } from '../../server/generated/prisma/client.ts'

type Named<Row, Key extends keyof Row> = Pick<Row, Key> & Partial<Row>

export const blankSession = (named: Named<Session, 'id' | 'code' | 'playlist' | 'createdAt'>): Session => ({
  teacherId: null,
  courseId: null,
  kind: 'open',
  title: '',
  level: 'guided',
  swap: false,
  partner: {},
  tcpByHand: false,
  discussion: false,
  position: null,
  pace: 'together',
  latecomers: 'wait',
  claims: 'ask',
  endedAt: null,
  releasedAt: null,
  rehearsal: null,
  nextLevel: null,
  nextSwap: null,
  pausedAt: null,
  deadlineAt: null,
  announcement: '',
  archivedAt: null,
  lockedAt: null,
  deletedAt: null,
  notes: '',
  ...named,
})

/** A participant without a name is the built-in partner. */
export const blankParticipant = (named: Named<Participant, 'id' | 'sessionId' | 'name' | 'createdAt'>): Participant => ({
  skeleton: named.name,
  builtIn: named.name === '',
  memberId: null,
  device: null,
  simulated: false,
  claimedId: null,
  removedAt: null,
  handRaisedAt: null,
  ...named,
})

export const blankPair = (named: Named<Pair, 'id' | 'sessionId' | 'number' | 'firstId' | 'secondId' | 'createdAt'>): Pair => ({
  thirdId: null,
  position: null,
  message: '',
  dissolvedAt: null,
  ...named,
})
