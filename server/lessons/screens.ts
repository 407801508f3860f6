/** The projector view of a session: what its class sees of itself, without names. */
import type { Screen } from '../../contract/screen.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Presence } from '../nodes/presence.ts'
import type { Library } from './library.ts'
import type { PlayedRounds } from './played-rounds.ts'
import { summarizeScreen } from './screen-summary.ts'
import { legOf, legsOf, levelOf, playlistOf, sessionNotFoundError, toSessionInfo } from './session-rows.ts'

export interface Screens {
  /** At most `SCREEN_TTL_MS` old. Rejects with `not-found`. */
  readScreen(sessionId: string): Promise<Screen>
}

export interface ScreensDeps {
  readonly prisma: PrismaClient
  readonly playedRounds: PlayedRounds
  readonly library: Pick<Library, 'findByReference' | 'findNewest'>
  readonly presence: Pick<Presence, 'isPresent'>
  readonly now: () => Date
}

/** Real ms for which the view of a session is not made anew, however many pages ask. */
const SCREEN_TTL_MS = 1_000

export function createScreens({ prisma, playedRounds, library, presence, now }: ScreensDeps): Screens {
  const screens = new Map<string, { readonly madeAt: number; readonly answer: Promise<Screen> }>()

  const makeScreen = async (sessionId: string): Promise<Screen> => {
    const found = await prisma.session.findUnique({ where: { id: sessionId, deletedAt: null }, select: { position: true } })
    if (!found) throw sessionNotFoundError()
    // No round stands before the first exercise.
    const { session, rounds } = await playedRounds.read(sessionId, found.position ?? -1)
    const people = session.participants.filter(({ removedAt }) => removedAt === null)
    const there = new Set(session.pairs.filter(({ dissolvedAt }) => dissolvedAt === null).map(({ id }) => id))
    const shown = rounds.filter(({ row }) => there.has(row.pairId))
    const reference = rounds.at(-1)?.row.exercise
    const id = found.position === null ? undefined : playlistOf(session)[found.position]
    const exercise = reference
      ? await library.findByReference(reference)
      : id === undefined
        ? undefined
        : await library.findNewest(id)
    const summary = summarizeScreen(
      shown.map(({ row, played }) => ({ played, pair: row.pairId, hasNextLeg: legOf(row) < legsOf(session) })),
      exercise,
    )
    const isSecret = levelOf(session) === 'exam' && session.releasedAt === null
    return {
      session: toSessionInfo(session),
      people: { present: people.filter((who) => who.simulated || presence.isPresent(who.id)).length, joined: people.length },
      exercise: exercise
        ? { title: exercise.title, point: exercise.point, briefs: exercise.scenes.map(({ brief }) => brief) }
        : null,
      since: rounds[0]?.row.createdAt.toISOString() ?? null,
      ...summary,
      ...(isSecret ? { mistakes: [], questions: [], best: null } : {}),
      now: now().toISOString(),
    }
  }

  return {
    readScreen(sessionId) {
      const madeAt = now().getTime()
      for (const [id, kept] of screens) if (kept.madeAt + SCREEN_TTL_MS <= madeAt) screens.delete(id)
      const kept = screens.get(sessionId) ?? { madeAt, answer: makeScreen(sessionId) }
      screens.set(sessionId, kept)
      return kept.answer
    },
  }
}
