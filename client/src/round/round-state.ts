/**
 * The state of a student's page: a pure reducer of messages from the server, changes of the connection, and the student's input. The
 * round's views and the unanswered act form a `Feed`.
 */
import type { Failure } from '../../../contract/answers.ts'
import type { ErrorCode } from '../../../contract/errors.ts'
import type { Place, RoundPlace, ScenePlace } from '../../../contract/places.ts'
import type { State, Timer } from '../../../protocol/tcp/tcb.ts'
import type { MessageDraft, SeatAction } from '../../../protocol/round/model/action.ts'
import type { LocalizedText } from '../../../protocol/round/model/exercise.ts'
import type { ActView, HintView, NowView, OverheardView, SegmentView, PlayerView } from '../../../protocol/round/view/seat-view.ts'
import { deepEqual } from '../../../protocol/deep-equal.ts'
import { EMPTY_FEED, reduceFeed, type Feed, type FeedEvent } from '../lib/view-feed.ts'
import { EMPTY_DRAFT, buildMessage, matchesSegment, type FormDraft } from './form-draft.ts'

/**
 * - `connecting`: before the first connection.
 * - `online`: connected.
 * - `reconnecting`: the network or the server is unavailable; the page keeps trying to connect.
 * - `restarting`: the server announced that it stops; the page keeps trying to connect.
 */
export type ConnectionStatus = 'connecting' | 'online' | 'reconnecting' | 'restarting'

/** `round` is the round that is shown. It stays after its end until the student continues, even if `place` already names another. */
export interface RoundState extends Feed<PlayerView, SeatAction, RoundPlace> {
  readonly link: ConnectionStatus
  /** The error with which the server permanently refused this connection; null otherwise. */
  readonly denied: ErrorCode | null
  readonly place: Place | null
  readonly draft: FormDraft
  /** Why an act of a round that is no longer shown was not executed, until the student has read it; null otherwise. */
  readonly late: Failure | null
}

/** The current scene of the round's exercise. Throws if the exercise does not have it. */
export function findScenePlace({ exercise }: RoundPlace, { scene }: NowView): ScenePlace {
  const found = exercise.scenes.find(({ id }) => id === scene.id)
  if (!found) throw new Error(`${exercise.id} has no scene ${scene.id}`)
  return found
}

export const INITIAL_STATE: RoundState = {
  link: 'connecting',
  denied: null,
  place: null,
  round: null,
  draft: EMPTY_DRAFT,
  late: null,
  ...EMPTY_FEED,
}

/** What a tab stores of a round, so that it survives a reload. */
export type PersistedState = Pick<RoundState, 'draft' | 'pending'>

export type RoundEvent =
  | { readonly kind: 'link'; readonly link: ConnectionStatus }
  | { readonly kind: 'denied'; readonly error: ErrorCode }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'partner'; readonly present: boolean }
  | FeedEvent<PlayerView, SeatAction>
  | { readonly kind: 'typed'; readonly draft: FormDraft }
  /** An act of a round that is no longer shown was not executed; null: the student has read that. */
  | { readonly kind: 'late'; readonly failure: Failure | null }
  /** The student leaves the round that is shown. */
  | { readonly kind: 'next-round-shown' }

/** `restore` reads what this tab has stored of a round, when the round is shown for the first time. */
export function reduceRound(state: RoundState, event: RoundEvent, restore: (round: string) => PersistedState | null): RoundState {
  switch (event.kind) {
    case 'link':
      return { ...state, link: event.link }
    case 'denied':
      return { ...state, denied: event.error }
    case 'place': {
      const next = { ...state, denied: null, place: event.place }
      const { round } = event.place
      if (round && round.id === state.round?.id) return { ...next, round }
      return state.round && state.views.length > 0 ? next : showRound(next, restore)
    }
    case 'partner': {
      const { place } = state
      return place?.partner ? { ...state, place: { ...place, partner: { ...place.partner, present: event.present } } } : state
    }
    case 'views': {
      const next = reduceFeed(state, event)
      const answered = next.pending ? null : state.pending
      const own = answered && next.views.findLast(({ event: { act } }) => act?.id === answered.id)?.event.act
      return fillIn(own ? { ...next, draft: clearSentFields(state.draft, own) } : next, getNow(state)?.prefill)
    }
    case 'acted':
    case 'failed':
      return reduceFeed(state, event)
    case 'typed':
      return { ...state, draft: event.draft, failure: null }
    case 'late':
      return { ...state, late: event.failure }
    case 'next-round-shown':
      return showRound(state, restore)
  }
}

/** Shows the round that the place names, or none. */
function showRound(state: RoundState, restore: (round: string) => PersistedState | null): RoundState {
  const round = state.place?.round ?? null
  const { draft = EMPTY_DRAFT, pending = null } = (round && restore(round.id)) ?? {}
  return { ...state, ...EMPTY_FEED, round, draft, pending }
}

/** Clears the fields that an accepted act has used; input that was typed after sending is kept. */
function clearSentFields(draft: FormDraft, { action, outcome, invigilated }: ActView): FormDraft {
  if (outcome !== 'accepted' && !invigilated) return draft
  if (action.kind === 'send' && matchesSegment(draft, action)) return { ...EMPTY_DRAFT, message: draft.message, tls: draft.tls }
  if (action.kind === 'write' && isInDraft(draft, action.message))
    return action.message.kind === 'http' ? { ...draft, message: '', tls: null } : { ...draft, tls: null }
  if (action.kind === 'predict') return { ...EMPTY_DRAFT, message: draft.message, tls: draft.tls }
  if (action.kind === 'claim' && draft.state === action.state) return { ...draft, state: '' }
  return draft
}

/** Fills an empty form with what is newly filled in for the seat. */
function fillIn(state: RoundState, before: NowView['prefill']): RoundState {
  const prefill = getNow(state)?.prefill
  if (!prefill || deepEqual(prefill, before) || !deepEqual(state.draft, EMPTY_DRAFT)) return state
  return { ...state, draft: { ...EMPTY_DRAFT, ...prefill, length: prefill.length > 0 ? `${prefill.length}` : '' } }
}

/** Whether the form still contains this message. */
export const isInDraft = (draft: FormDraft, message: MessageDraft): boolean =>
  message.kind === 'http' ? draft.message === message.text : deepEqual(buildMessage(draft, true), message)

/** The last view's state of the round; null before the first view. */
export const getNow = (state: RoundState): NowView | null => state.views.at(-1)?.now ?? null

/** Whether the place names another round than the one that is shown, or none any more. */
export const hasMovedOn = (state: RoundState): boolean => state.round !== null && state.place?.round?.id !== state.round.id

/** The seat's last act with its verdict. */
export const findLastAct = (views: readonly PlayerView[]): ActView | null => views.findLast((v) => v.event.act)?.event.act ?? null

/** The states that the seat has correctly claimed in this scene, in order, the present one last. */
export function listClaimedStates(views: readonly PlayerView[]): readonly State[] {
  const opened = Math.max(
    0,
    views.findLastIndex(({ event }) => event.scene),
  )
  const states = views.slice(opened).map(({ now }) => now.state)
  return states.filter((state, i) => state !== states[i - 1])
}

/** The ids of the scenes that have been played to their end: what they have shown may be said. The last one has been only at the goal. */
export function listFinishedScenes(views: readonly PlayerView[]): readonly string[] {
  const played = [...new Set(views.map(({ now }) => now.scene.id))]
  return views.at(-1)?.now.over === 'goal' ? played : played.slice(0, -1)
}

/** The last segment that has arrived at this host in this scene. */
export function findLastArrival(views: readonly PlayerView[]): SegmentView | null {
  const opened = views.findLastIndex(({ event }) => event.scene)
  const here = views.slice(opened + 1).findLast(({ event }) => event.arrived)?.event ?? views[opened]?.event.scene
  return here?.arrived?.at(-1) ?? null
}

/** An event at the host that may still be answered: a segment that arrived, or a timer that fired. */
export interface OpenEvent {
  /** The number by which a claim or discard refers to it. */
  readonly event: number
  readonly arrived: readonly SegmentView[]
  readonly fired: readonly Timer[]
}

/** The events that may still be answered, oldest first. */
export const listOpenEvents = (views: readonly PlayerView[]): OpenEvent[] =>
  (views.at(-1)?.now.events ?? []).map((event) => {
    const happened = views[event - 1]?.event
    const { arrived = [], fired = [] } = happened?.scene ?? happened ?? {}
    return { event, arrived, fired }
  })

/** The hints that were bought for the milestone that is open now. */
export const listCurrentHints = (views: readonly PlayerView[]): readonly HintView[] => {
  const open = views.at(-1)?.now.milestones?.find((m) => m.status === 'open')?.id
  return views.flatMap(({ event: { hint } }) => (hint && hint.milestone === open ? [hint] : []))
}

/** A choice that the seat has made. `why`: the explanation of the choice, if the level reveals it. */
export interface AnsweredQuestion {
  readonly question: string
  readonly choice: number
  /** Whether the question is settled, by this choice or by the invigilator's. */
  readonly settled: boolean
  readonly why: LocalizedText | undefined
}

/** All answers of the round, oldest first. */
export const listAnswers = (views: readonly PlayerView[]): AnsweredQuestion[] =>
  views.flatMap(({ event: { act, why } }) => {
    if (act?.action.kind !== 'answer' || (act.outcome !== 'accepted' && act.outcome !== 'refused')) return []
    const { question, choice } = act.action
    return [{ question, choice, settled: act.outcome === 'accepted' || act.invigilated === true, why }]
  })

/** Shown between two tasks: why the last answer was right, what the finished scene showed, which scene starts. */
export interface Transition {
  /** Why the last answer is right. */
  readonly explanation: LocalizedText | undefined
  /** What the finished scene has shown. */
  readonly conclusion: LocalizedText | undefined
  /** What somebody on the wire has learned of the finished scene. */
  readonly overheard: readonly OverheardView[]
  /** The scene that starts; `number` counts from 1. */
  readonly nextScene: { readonly number: number; readonly title: LocalizedText } | null
}

/** The transition to show now. Null unless a question was settled or a scene opened since the last accepted act, not counting answers. */
export function findTransition(round: RoundPlace, views: readonly PlayerView[]): Transition | null {
  const done = views.findLastIndex(({ event: { act } }) => act?.outcome === 'accepted' && act.action.kind !== 'answer')
  const since = views.slice(done) // the act itself may have opened the scene
  const why = listAnswers(since).findLast(({ settled }) => settled)?.why
  const turned = views.findLastIndex(({ event }) => event.scene)
  const [before, now] = [views[turned - 1]?.now, views[turned]?.now]
  const opens = before && now && turned >= done
  if (!why && !opens) return null
  return {
    explanation: why,
    conclusion: opens ? findScenePlace(round, before).shown : undefined,
    overheard: (opens && views[turned]?.event.overheard) || [],
    nextScene: opens ? { number: now.scene.number + 1, title: findScenePlace(round, now).title ?? round.exercise.title } : null,
  }
}
