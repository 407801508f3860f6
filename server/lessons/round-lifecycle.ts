/**
 * Starts and ends the rounds of a lesson, after the transaction that decided it. If a node dies before it has done so,
 * `Progress.advance` completes the work.
 */
import type { RandomSource } from '../../protocol/round/setup/random.ts'
import type { Round, Session } from '../generated/prisma/client.ts'
import { SEATS } from '../../protocol/seat.ts'
import type { Presence } from '../nodes/presence.ts'
import type { Rounds } from '../rounds/rounds.ts'
import type { LessonStore } from './lesson-store.ts'
import type { Library } from './library.ts'
import { createRoundScript } from './round-script.ts'
import { simulatedSeats } from './simulated-students.ts'
import { exerciseGoneError, levelOf, partnerOf } from './session-rows.ts'

/** A round to end; with its participants, those who are away then are known. */
type EndedRound = Pick<Round, 'id'> & Partial<Pick<Round, 'clientId' | 'serverId'>>

/** Starts and ends rounds. */
export interface RoundLifecycle {
  /** Starts these rounds, except those that have started already. Rejects with `not-found` if an exercise no longer exists. */
  startRounds(session: Session, opened: readonly Round[]): Promise<void>
  /** Ends these rounds, except those that are over or have not started. */
  endRounds(rounds: readonly EndedRound[], why: 'moved-on' | 'ended', actor?: 'teacher' | 'system'): Promise<void>
}

export interface RoundLifecycleDeps {
  readonly store: Pick<
    LessonStore,
    'findBuiltInPartnerId' | 'findSimulated' | 'findStale' | 'findLeg' | 'findEarlierRound' | 'findRoundsPlayed'
  >
  readonly library: Pick<Library, 'findByReference'>
  readonly rounds: Pick<Rounds, 'start' | 'control' | 'readWorld'>
  readonly presence: Pick<Presence, 'isPresent'>
  readonly random: RandomSource
}

export function createRoundLifecycle(deps: RoundLifecycleDeps): RoundLifecycle {
  const { store, library, rounds, presence } = deps

  const endRounds: RoundLifecycle['endRounds'] = async (some, why, actor = 'teacher') => {
    const awayFrom = ({ clientId, serverId }: EndedRound) => {
      const participants = { client: clientId, server: serverId }
      const away = SEATS.filter((seat) => participants[seat] !== undefined && !presence.isPresent(participants[seat]))
      return away.length > 0 ? { away } : {}
    }
    await Promise.all(
      some.map((round) => rounds.control(round.id, { kind: 'control', control: 'end', why, ...awayFrom(round) }, actor)),
    )
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
            discussed: session.discussion,
            ...(session.tcpByHand ? { tcp: 'by-hand' } : {}),
            ...(simulated.size > 0 ? { simulated: simulatedSeats(round, session, simulated) } : {}),
          })
          await rounds.start(round.id, script)
          if (session.pausedAt) await rounds.control(round.id, { kind: 'control', control: 'pause' }, 'teacher')
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
