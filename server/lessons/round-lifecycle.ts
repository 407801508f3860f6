/**
 * Starts and ends the rounds of a lesson, after the transaction that decided it. If a node dies before it has done so,
 * `Progress.advance` completes the work.
 */
import type { RandomSource } from '../../protocol/round/setup/random.ts'
import type { Round, Session } from '../generated/prisma/client.ts'
import type { Rounds } from '../rounds/rounds.ts'
import type { LessonStore } from './lesson-store.ts'
import type { Library } from './library.ts'
import { createRoundScript } from './round-script.ts'
import { simulatedSeats } from './simulated-students.ts'
import { exerciseGoneError, levelOf, partnerOf } from './session-rows.ts'

/** Starts and ends rounds. */
export interface RoundLifecycle {
  /** Starts these rounds, except those that have started already. Rejects with `not-found` if an exercise no longer exists. */
  startRounds(session: Session, opened: readonly Round[]): Promise<void>
  /** Ends these rounds, except those that are over or have not started. */
  endRounds(rounds: readonly Pick<Round, 'id'>[], why: 'moved-on' | 'ended', actor?: 'teacher' | 'system'): Promise<void>
}

export interface RoundLifecycleDeps {
  readonly store: Pick<
    LessonStore,
    'findBuiltInPartnerId' | 'findSimulated' | 'findStale' | 'findLeg' | 'findEarlierRound' | 'findRoundsPlayed'
  >
  readonly library: Pick<Library, 'findByReference'>
  readonly rounds: Pick<Rounds, 'start' | 'control' | 'readWorld'>
  readonly random: RandomSource
}

export function createRoundLifecycle(deps: RoundLifecycleDeps): RoundLifecycle {
  const { store, library, rounds } = deps

  const endRounds: RoundLifecycle['endRounds'] = async (some, why, actor = 'teacher') => {
    await Promise.all(some.map(({ id }) => rounds.control(id, { kind: 'control', control: 'end', why }, actor)))
  }

  return {
    endRounds,
    async startRounds(session, opened) {
      if (opened.length === 0) return
      const partnerId = await store.findBuiltInPartnerId(session.id)
      const simulated = new Set(session.rehearsal ? await store.findSimulated(session.id) : [])
      const player = (id: string) => (id === partnerId ? 'partner' : 'person')
      await Promise.all(
        opened.map(async (round) => {
          const players = { client: player(round.clientId), server: player(round.serverId) } as const
          const exercise = await library.findByReference(round.exercise)
          if (!exercise) throw exerciseGoneError(round.exercise)
          // In an exam nobody may interfere with the wire: the third member of a pair only watches.
          const network = round.networkId !== null && levelOf(session) !== 'exam' && exercise.scenes.some((scene) => scene.network)
          const script = await createRoundScript(deps, round, exercise, levelOf(session), {
            players,
            network,
            partner: partnerOf(session),
            ...(simulated.size > 0 ? { simulated: simulatedSeats(round, session, simulated) } : {}),
          })
          await rounds.start(round.id, script)
        }),
      )
      // Rounds that stopped being current before they were started.
      const stale = await store.findStale(opened.map(({ id }) => id))
      await endRounds(
        stale.map((id) => ({ id })),
        'moved-on',
      )
    },
  }
}
