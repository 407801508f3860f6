/**
 * View updates: a view as it is sent, reduced to what has changed since the view before it. From views 1 … n - 1 and update n, a reader
 * reconstructs view n; the first update contains the whole view. Other information that the reader already has is also left out: the time
 * of an arriving segment if it is the view's own time, a segment's window if it is the usual one and, in the reply to an act, what the actor
 * has just sent.
 */
import { deepEqual } from '../../deep-equal.ts'
import { applyPatch, makePatch, type Patch } from '../../patch.ts'
import type { Action, SegmentDraft } from '../model/action.ts'
import type { EventView, SegmentView } from './seat-view.ts'

/** An act as the client that has sent it knows it. */
type SentAct = { readonly id: string; readonly action: Action }

/** What the views of all three seats have in common. */
export interface View {
  /** From 1, without gaps. */
  readonly n: number
  readonly event: Pick<EventView, 'sent' | 'arrived' | 'state'> & { readonly act?: SentAct }
  readonly now: { readonly clock: number }
}

export interface ViewUpdate<V extends View> {
  readonly n: number
  readonly event: Omit<V['event'], 'act' | 'sent' | 'arrived'> & {
    readonly act?: ActUpdate<NonNullable<V['event']['act']>>
    readonly sent?: SegmentUpdates
    readonly arrived?: SegmentUpdates
  }
  readonly now: Patch<V['now']>
}

type ActUpdate<A extends SentAct> = Omit<A, 'id' | 'action'> & Partial<Pick<A, 'id' | 'action'>>
type SegmentUpdates = readonly Partial<SegmentView>[]

/** The largest window without scaling: what nearly all segments advertise. */
const USUAL_WINDOW = 65_535

/** Makes the update for a view. `before`: the `now` of the view before it; undefined for the first view. */
export function toViewUpdate<V extends View>({ n, event, now }: V, before: V['now'] | undefined): ViewUpdate<V> {
  const shown: { -readonly [F in keyof SegmentEvent]: SegmentEvent[F] } = { ...event }
  if (event.sent) shown.sent = event.sent.map((segment) => withoutUsual(segment, undefined))
  if (event.arrived) shown.arrived = event.arrived.map((segment) => withoutUsual(segment, now.clock))
  // TypeScript cannot infer which fields may be left out, hence the assertion.
  return { n, event: shown, now: makePatch<V['now']>(before, now) ?? {} } as ViewUpdate<V>
}

function withoutUsual({ at, window, ...segment }: SegmentView, clock: number | undefined): SegmentUpdates[number] {
  const shown: { -readonly [F in keyof SegmentView]?: SegmentView[F] } = segment
  if (at !== clock) shown.at = at
  if (window !== USUAL_WINDOW) shown.window = window
  return shown
}

/**
 * The update as the reply to the act `sent`: without the act's id, and without its action and the sent segment's fields if the view shows
 * them as they were sent. Returned unchanged if it is not about this act.
 */
export function withoutEcho<V extends View>(update: ViewUpdate<V>, sent: SentAct): ViewUpdate<V> {
  const { act, ...event } = update.event
  if (act?.id !== sent.id) return update
  const { id: _id, action, ...answer } = act
  const shown = deepEqual(action, sent.action) ? answer : { ...answer, action }
  return { ...update, event: { ...withoutOwnSegment(event, action), act: shown } } as ViewUpdate<V>
}

/** Reconstructs a view from the view before it and an update. `asked`: the act that the update is the reply to, if it came as a reply. */
export function mergeView<V extends View>(before: V | undefined, update: ViewUpdate<V>, asked?: SentAct): V {
  const now = applyPatch<V['now']>(before?.now, update.now)
  const { act, ...event } = update.event
  const isAnswer = act && act.id === undefined && asked
  const { sent, arrived, ...more }: SegmentEvent = isAnswer ? withOwnSegment(event, asked.action) : event
  return {
    n: update.n,
    event: {
      ...more,
      ...(act ? { act: isAnswer ? { id: asked.id, action: asked.action, ...act } : act } : {}),
      ...(sent ? { sent: sent.map((segment) => ({ window: USUAL_WINDOW, ...segment })) } : {}),
      ...(arrived ? { arrived: arrived.map((segment) => ({ at: now.clock, window: USUAL_WINDOW, ...segment })) } : {}),
    },
    now,
  } as unknown as V
}

type SegmentEvent = {
  readonly sent?: SegmentUpdates | undefined
  readonly arrived?: SegmentUpdates | undefined
  readonly state?: unknown
}

/** Removes the fields of the sent segment and the state claimed with it, if the view shows them just as the actor has written them. */
function withoutOwnSegment(event: SegmentEvent, action: Action | undefined): SegmentEvent {
  const { sent: [first, ...more] = [], state, ...rest } = event
  if (!first || action?.kind !== 'send' || state !== action.state) return event
  const { bits, seq, ack, length, ...own } = first
  const typed = asTyped(action.segment)
  const isSame = bits === typed.bits && seq === typed.seq && ack === typed.ack && length === typed.length
  return isSame ? { ...rest, sent: [own, ...more] } : event
}

function withOwnSegment(event: SegmentEvent, action: Action): SegmentEvent {
  const [first, ...more] = event.sent ?? []
  if (!first || first.bits !== undefined || action.kind !== 'send') return event
  return { ...event, sent: [{ ...asTyped(action.segment), ...first }, ...more], state: action.state }
}

const asTyped = ({ bits, seq, ack, length }: SegmentDraft) => ({ bits, seq, ack: ack === '' ? null : ack, length })
