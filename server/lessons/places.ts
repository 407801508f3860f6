/** Computes where a student is: with whom they play what, and in which seat. */
import type { Seat } from '../../protocol/seat.ts'
import type { Place, RoundPlace, ScenePlace, Trust, WirePlace } from '../../contract/places.ts'
import { EPOCH_MS, getIdentity, type IdentityId, REVOCATIONS, TRUSTED_AUTHORITIES } from '../../exercises/certificates.ts'
import { listCertificateFacts } from '../../protocol/tls/watch/message-facts.ts'
import { type Exercise, findQuestion, type Scene, titledScenes } from '../../protocol/round/model/exercise.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import { toOpaqueSceneId, toOpaqueStepId, toShownChoice } from '../../protocol/round/view/opaque-ids.ts'
import type { Pair, Participant, Round, Session } from '../generated/prisma/client.ts'
import type { Presence } from '../nodes/presence.ts'
import type { Rounds } from '../rounds/rounds.ts'
import type { LessonStore } from './lesson-store.ts'
import type { Library } from './library.ts'
import { legOf, legsOf, levelOf, membersOf, playlistOf, positionOf } from './session-rows.ts'

/** Queries for the places of students. */
export interface Places {
  /** The places of these students. Unknown ids are skipped. */
  readPlaces(participantIds: readonly string[]): Promise<Place[]>
  /** How many participants of a session are present and have no pair. */
  countWaiting(sessionId: string): Promise<number>
  /** The id of a student's partner; null if the student has none. */
  readPartnerId(participantId: string): Promise<string | null>
}

export interface PlacesDeps {
  readonly store: Pick<LessonStore, 'findStudents' | 'findUnpaired'>
  readonly library: Pick<Library, 'findByReference'>
  readonly rounds: Pick<Rounds, 'readWorld'>
  readonly presence: Pick<Presence, 'isPresent'>
}

export function createPlaces({ store, library, rounds, presence }: PlacesDeps): Places {
  const countWaiting = async (sessionId: string) =>
    (await store.findUnpaired(sessionId)).filter((id) => presence.isPresent(id)).length

  return {
    countWaiting,

    async readPlaces(ids) {
      const students = await store.findStudents(ids)
      const references = [...new Set(students.flatMap(({ round }) => (round ? [round.exercise] : [])))]
      const exercises = new Map(
        await Promise.all(references.map(async (each) => [each, await library.findByReference(each)] as const)),
      )

      const running = students.flatMap(({ round, session }) => (round && !round.endedAt && !session.endedAt ? [round.id] : []))
      const scripts = new Map(
        await Promise.all([...new Set(running)].map(async (each) => [each, (await rounds.readWorld(each))?.script] as const)),
      )

      const waiting = new Map(
        await Promise.all(
          [...new Set(students.flatMap(({ pair, session }) => (pair ? [] : [session.id])))].map(
            async (each) => [each, await countWaiting(each)] as const,
          ),
        ),
      )

      return students.map(({ participant: { id, name, handRaisedAt, device, memberId }, session, pair, round: current }): Place => {
        // A third who has come late has no part in the pair's round that was under way.
        const latest = current && [current.clientId, current.serverId, current.networkId].includes(id) ? current : null
        const exercise = latest && exercises.get(latest.exercise)
        const script = latest && scripts.get(latest.id)
        const played = latest && exercise && script
        const round = played && latest.networkId !== id ? toRoundPlace(session, latest, exercise, script, id) : null
        const wire = played && pair && latest.networkId === id ? toWirePlace(latest, exercise, script, membersOf(pair)) : null
        const partnerId = pair && partnerIdIn(pair, latest, id)
        const partner = pair && membersOf(pair).find((member) => member.id === partnerId)
        return {
          me: { id, name, hand: handRaisedAt !== null, member: memberId !== null, ...(device === null ? {} : { device }) },
          session: {
            id: session.id,
            code: session.code,
            title: session.title,
            level: levelOf(session),
            ended: session.endedAt !== null,
            practice: session.teacherId === null,
            position: pair ? positionOf(pair, session) : session.position,
            exercises: playlistOf(session).length,
            waiting: waiting.get(session.id) ?? 0,
            pausedAt: session.pausedAt?.toISOString() ?? null,
            deadlineAt: session.deadlineAt?.toISOString() ?? null,
            announcement: session.announcement,
          },
          message: pair?.message ?? '',
          waiting:
            round || wire
              ? null
              : session.endedAt
                ? 'ended'
                : !pair
                  ? 'for-partner'
                  : current && (!latest || latest.endedAt || script)
                    ? 'for-next'
                    : 'for-start',
          partner: partner
            ? {
                name: partner.builtIn ? null : partner.name,
                present: partner.builtIn || partner.simulated || presence.isPresent(partner.id),
              }
            : null,
          round,
          wire,
          replay: latest?.endedAt && (levelOf(session) !== 'exam' || session.releasedAt) ? latest.id : null,
        }
      })
    },

    async readPartnerId(id) {
      const [student] = await store.findStudents([id])
      return student?.pair ? partnerIdIn(student.pair, student.round, id) : null
    },
  }
}

/** The id of a student's partner in this round, or before the first one. Null if this student has the wire. */
function partnerIdIn(pair: Pair, round: Round | null, id: string): string | null {
  const [one, other] = round ? [round.clientId, round.serverId] : [pair.firstId, pair.secondId]
  return id === one ? other : id === other ? one : null
}

function toRoundPlace(session: Session, round: Round, exercise: Exercise, script: Script, participant: string): RoundPlace {
  const level = levelOf(session)
  const seat: Seat = round.clientId === participant ? 'client' : 'server'
  return {
    id: round.id,
    seat,
    leg: legOf(round),
    legs: legsOf(session),
    level,
    notation: level === 'exam' ? 'absolute' : exercise.notation,
    exercise: {
      id: exercise.id,
      title: exercise.title,
      point: exercise.point,
      scenes: scenesOf(exercise, script).map(([id, scene]) => toScenePlace(id, scene, exercise, script, seat)),
    },
  }
}

/** The scenes that the round plays, in its order, each with the opaque id that players see. */
const scenesOf = ({ scenes }: Exercise, script: Script): [id: string, scene: Scene][] =>
  script.scenes.flatMap((drawn, i) => {
    const scene = scenes.find(({ id }) => id === drawn.id)
    return scene ? [[toOpaqueSceneId(i), scene] as [string, Scene]] : []
  })

function toWirePlace(round: Round, exercise: Exercise, script: Script, members: readonly Participant[]): WirePlace {
  const nameOf = (id: string) => {
    const member = members.find((each) => each.id === id)
    return !member || member.builtIn ? null : member.name
  }
  return {
    id: round.id,
    leg: legOf(round),
    exercise: {
      title: exercise.title,
      scenes: titledScenes({ scenes: scenesOf(exercise, script).map(([id, scene]) => ({ ...scene, id })) }),
    },
    names: { client: nameOf(round.clientId), server: nameOf(round.serverId) },
  }
}

/** The questions that a seat is asked in a scene of the round. */
const questionsOf = (exercise: Exercise, script: Script, scene: string, seat: Seat) =>
  script.scenes
    .filter(({ id }) => id === scene)
    .flatMap(({ questions }) => questions[seat].flatMap(({ id }) => findQuestion(exercise, scene, seat, id) ?? []))

const toScenePlace = (
  id: string,
  { title, shown, rules, names, trace, tls, reads, ...scene }: Scene,
  exercise: Exercise,
  script: Script,
  seat: Seat,
): ScenePlace => ({
  id,
  ...(title ? { title } : {}),
  ...(shown ? { shown } : {}),
  ...(rules ? { rules } : {}),
  names,
  ...(trace ? { trace } : {}),
  windows: reads !== undefined,
  ...(tls ? { trust: TRUST_STORE } : {}),
  brief: scene.brief[seat],
  // The texts say what to do, so they are left out in an exam.
  milestones:
    script.level === 'exam'
      ? []
      : scene.milestones[seat].map((milestone) => ({ id: toOpaqueStepId(script, seat, milestone.id), text: milestone.text })),
  questions: questionsOf(exercise, script, scene.id, seat).map(({ id: question, ask, choices, shows }) => ({
    id: toOpaqueStepId(script, seat, question),
    ask,
    choices: choices
      .map(({ text }, choice) => ({ text, place: toShownChoice(script, seat, question, choice) }))
      .sort((a, b) => a.place - b.place)
      .map(({ text }) => text),
    ...(shows ? { shows: getIdentity(shows as IdentityId).chain.flatMap(listCertificateFacts) } : {}),
  })),
})

const TRUST_STORE: Trust = { trusted: TRUSTED_AUTHORITIES.map(({ subject }) => subject), revoked: REVOCATIONS, epoch: EPOCH_MS }
