/**
 * What a student's page knows: a pure fold of what the server said, of the connection, and of what the student has typed and sent.
 *
 * The views of a round are held without gaps; the last number held is what a reconnect resumes from. One act at most is on its way;
 * it is kept until its own view has come, and sent again with the same id after a reconnect.
 */
import type { Act, ErrorCode, Failure, Place, RoundPlace, ScenePlace } from '../../../contract/events.ts'
import type { Timer } from '../../../protocol/tcp/tcb.ts'
import type { Composed } from '../../../protocol/world/action.ts'
import type { Text } from '../../../protocol/world/exercise.ts'
import type { ActView, HintView, NowView, SegmentView, View } from '../../../protocol/world/view.ts'
import { equal } from '../../../protocol/equal.ts'
import { EMPTY_DRAFT, messageIn, sameSegment, type Draft } from './draft.ts'

/**
 * - `connecting`: for the first time.
 * - `online`.
 * - `reconnecting`: the network or the server is away; it is tried again.
 * - `restarting`: the server said that it stops; it is tried again.
 */
export type Link = 'connecting' | 'online' | 'reconnecting' | 'restarting'

export interface Play {
  readonly link: Link
  /** Why this browser has no business here; final. */
  readonly denied: ErrorCode | null
  readonly place: Place | null
  /** The round on show. It stays after its end until the student goes on, even if `place` already names another. */
  readonly round: RoundPlace | null
  /** Views 1 … n of that round. */
  readonly views: readonly View[]
  readonly draft: Draft
  /** The act that the server has not answered yet. */
  readonly pending: Act | null
  /** Why the last act could not be done at all; nothing moved. */
  readonly failure: Failure | null
}

/** What the round's exercise says of the scene that is played. */
export function sceneOf({ exercise }: RoundPlace, { scene }: NowView): ScenePlace {
  const found = exercise.scenes.find(({ id }) => id === scene.id)
  if (!found) throw new Error(`${exercise.id} has no scene ${scene.id}`)
  return found
}

export const NOTHING: Play = {
  link: 'connecting',
  denied: null,
  place: null,
  round: null,
  views: [],
  draft: EMPTY_DRAFT,
  pending: null,
  failure: null,
}

/** What a tab keeps of a round through a reload. */
export type Kept = Pick<Play, 'draft' | 'pending'>

export type Happening =
  | { readonly is: 'link'; readonly link: Link }
  | { readonly is: 'denied'; readonly error: ErrorCode }
  | { readonly is: 'place'; readonly place: Place }
  | { readonly is: 'partner'; readonly present: boolean }
  | { readonly is: 'views'; readonly round: string; readonly views: readonly View[] }
  | { readonly is: 'typed'; readonly draft: Draft }
  | { readonly is: 'acted'; readonly act: Act }
  | { readonly is: 'failed'; readonly id: string; readonly failure: Failure }
  /** The student leaves the round on show. */
  | { readonly is: 'gone-on' }

/** `kept` recalls what this tab holds of a round that it shows for the first time. */
export function play(state: Play, happening: Happening, kept: (round: string) => Kept | null): Play {
  switch (happening.is) {
    case 'link':
      return { ...state, link: happening.link }
    case 'denied':
      return { ...state, denied: happening.error }
    case 'place': {
      const next = { ...state, denied: null, place: happening.place }
      const { round } = happening.place
      if (round && round.id === state.round?.id) return { ...next, round }
      return state.round && state.views.length > 0 ? next : show(next, kept)
    }
    case 'partner': {
      const { place } = state
      return place?.partner ? { ...state, place: { ...place, partner: { ...place.partner, present: happening.present } } } : state
    }
    case 'views':
      return happening.round === state.round?.id ? happening.views.reduce(hold, state) : state
    case 'typed':
      return { ...state, draft: happening.draft, failure: null }
    case 'acted':
      return { ...state, pending: happening.act, failure: null }
    case 'failed':
      return happening.id === state.pending?.id ? { ...state, pending: null, failure: happening.failure } : state
    case 'gone-on':
      return show(state, kept)
  }
}

/** Shows the round of the place, or none. */
function show(state: Play, kept: (round: string) => Kept | null): Play {
  const round = state.place?.round ?? null
  const { draft = EMPTY_DRAFT, pending = null } = (round && kept(round.id)) ?? {}
  return { ...state, round, views: [], draft, pending, failure: null }
}

/** Takes the next view. One that is held already, or that leaves a gap, changes nothing. */
function hold(state: Play, view: View): Play {
  if (view.n !== state.views.length + 1) return state
  const next = { ...state, views: [...state.views, view] }
  const { act } = view.event
  if (!act || act.id !== state.pending?.id) return next
  return { ...next, pending: null, failure: null, draft: spend(state.draft, act) }
}

/** What is left of the draft after an act of one's own: what was typed since then stays. */
function spend(draft: Draft, { action, outcome, invigilated }: ActView): Draft {
  if (outcome !== 'accepted' && !invigilated) return draft
  if (action.type === 'send' && sameSegment(draft, action)) return { ...EMPTY_DRAFT, message: draft.message, tls: draft.tls }
  if (action.type === 'write' && isTyped(draft, action.message))
    return action.message.layer === 'http' ? { ...draft, message: '', tls: null } : { ...draft, tls: null }
  if (action.type === 'claim' && draft.state === action.state) return { ...draft, state: '' }
  return draft
}

/** It is what stands in the draft. */
export const isTyped = (draft: Draft, message: Composed): boolean =>
  message.layer === 'http' ? draft.message === message.text : equal(messageIn(draft, true), message)

/** A view has come before one that is not held: ask for those after the last number held. */
export const leavesGap = (state: Play, round: string, view: View): boolean =>
  round === state.round?.id && view.n > state.views.length + 1

export const nowOf = (state: Play): NowView | null => state.views.at(-1)?.now ?? null

/** The place names another round than the one on show, or none any more. */
export const movedOn = (state: Play): boolean => state.round !== null && state.place?.round?.id !== state.round.id

/** The seat's last act and what the judge said of it. */
export const lastAct = (views: readonly View[]): ActView | null => views.findLast((v) => v.event.act)?.event.act ?? null

/** The last segment that has arrived at this host in this scene. */
export function lastArrival(views: readonly View[]): SegmentView | null {
  const opened = views.findLastIndex(({ event }) => event.scene)
  const here = views.slice(opened + 1).findLast(({ event }) => event.arrived)?.event ?? views[opened]?.event.scene
  return here?.arrived?.at(-1) ?? null
}

/** Something that happened to the host and still may be answered: a segment that arrived, a timer that went off. */
export interface OpenEvent {
  /** Its number in a claim or discard. */
  readonly event: number
  readonly arrived: readonly SegmentView[]
  readonly fired: readonly Timer[]
}

/** Oldest first. */
export const openEvents = (views: readonly View[]): OpenEvent[] =>
  (views.at(-1)?.now.events ?? []).map((event) => {
    const happened = views[event - 1]?.event
    const { arrived = [], fired = [] } = happened?.scene ?? happened ?? {}
    return { event, arrived, fired }
  })

/** The hints bought for what is open now. */
export const hintsNow = (views: readonly View[]): readonly HintView[] => {
  const open = views.at(-1)?.now.milestones?.find((m) => m.status === 'open')?.id
  return views.flatMap(({ event: { hint } }) => (hint && hint.milestone === open ? [hint] : []))
}

/** A choice that the seat has made, and what it shows where that is told. */
export interface Answered {
  readonly question: string
  readonly choice: number
  /** The question is settled: with this choice, or by the invigilator's. */
  readonly settled: boolean
  readonly why: Text | undefined
}

/** Oldest first. */
export const answersOf = (views: readonly View[]): Answered[] =>
  views.flatMap(({ event: { act, why } }) => {
    if (act?.action.type !== 'answer' || (act.outcome !== 'accepted' && act.outcome !== 'refused')) return []
    const { question, choice } = act.action
    return [{ question, choice, settled: act.outcome === 'accepted' || act.invigilated === true, why }]
  })

/** What stands between two things to do, until the next one is done. */
export interface Turn {
  /** Why the answer just given is right. */
  readonly why: Text | undefined
  /** What the scene that has ended has shown. */
  readonly shown: Text | undefined
  /** The scene that has opened: its number from 1, and what it is about. */
  readonly opened: { readonly number: number; readonly title: Text } | null
}

export function turnOf(round: RoundPlace, views: readonly View[]): Turn | null {
  const done = views.findLastIndex(({ event: { act } }) => act?.outcome === 'accepted' && act.action.type !== 'answer')
  const since = views.slice(done) // the act itself may have opened the scene
  const why = answersOf(since).findLast(({ settled }) => settled)?.why
  const turned = views.findLastIndex(({ event }) => event.scene)
  const [before, now] = [views[turned - 1]?.now, views[turned]?.now]
  const opens = before && now && turned >= done
  if (!why && !opens) return null
  return {
    why,
    shown: opens ? sceneOf(round, before).shown : undefined,
    opened: opens ? { number: now.scene.number + 1, title: sceneOf(round, now).title ?? round.exercise.title } : null,
  }
}
