/** The database rows of a small lesson. */
import { newId } from '../../server/base/ids.ts'
import type { Pair, Participant, Session } from '../../server/generated/prisma/client.ts'
import { blankPair, blankParticipant, blankSession } from './blank-rows.ts'
import type { LessonRows } from './lesson-store-memory.ts'

const NOW = new Date('2026-03-02T09:00:00Z')

export interface SmallLesson extends LessonRows {
  readonly session: Session
  /** Ann and Bob are a pair; Cat is paired with the built-in partner. */
  readonly people: { readonly ann: string; readonly bob: string; readonly cat: string; readonly partner: string }
  readonly pair: Pair
  readonly solo: Pair
}

/** Makes a lesson that has not started, with two pairs. Every call returns new ids. */
export function makeLesson({ swap = true, playlist = ['handshake', 'data'] } = {}): SmallLesson {
  const session = blankSession({ id: newId(), code: newId(), title: 'Monday', playlist, swap, createdAt: NOW })
  const person = (name: string) => blankParticipant({ id: newId(), sessionId: session.id, name, createdAt: NOW })
  const [ann, bob, cat, partner] = [person('Ann'), person('Bob'), person('Cat'), person('')]
  const pairOf = (number: number, first: Participant, second: Participant) =>
    blankPair({ id: newId(), sessionId: session.id, number, firstId: first.id, secondId: second.id, createdAt: NOW })
  const [pair, solo] = [pairOf(1, ann, bob), pairOf(2, cat, partner)]
  return {
    session,
    people: { ann: ann.id, bob: bob.id, cat: cat.id, partner: partner.id },
    pair,
    solo,
    sessions: [session],
    participants: [ann, bob, cat, partner],
    pairs: [pair, solo],
  }
}
