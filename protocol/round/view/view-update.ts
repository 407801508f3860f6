/**
 * A view as it travels: what has changed since the view before it. Whoever holds a seat's views 1 … n - 1 makes view n of it; view 1 is whole.
 * What its reader knows already is left out: of a segment that arrives its time, where that is the view's own; in the reply to an act what its
 * author has just sent.
 */
import { deepEqual } from '../../deep-equal.ts'
import { applyPatch, makePatch, type Patch } from '../../patch.ts'
import type { Action, SegmentDraft } from '../model/action.ts'
import type { EventView } from './seat-view.ts'

/** An act as its author knows it. */
type SentAct = { readonly id: string; readonly action: Action }

/** What the views of all seats have. */
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
type SegmentUpdates = readonly Partial<NonNullable<EventView['sent']>[number]>[]

/** `before`: how things stood in the view before; undefined for the first. */
export function toViewUpdate<V extends View>({ n, event, now }: V, before: V['now'] | undefined): ViewUpdate<V> {
  const arrived = event.arrived?.map(({ at, ...segment }) => (at === now.clock ? segment : { at, ...segment }))
  // The types cannot follow which fields may be left out.
  return { n, event: arrived ? { ...event, arrived } : event, now: makePatch<V['now']>(before, now) ?? {} } as ViewUpdate<V>
}

/** The update as it answers this act. An action that its view shows otherwise than it was sent stays. */
export function withoutEcho<V extends View>(update: ViewUpdate<V>, sent: SentAct): ViewUpdate<V> {
  const { act, ...event } = update.event
  if (act?.id !== sent.id) return update
  const { id: _id, action, ...answer } = act
  const shown = deepEqual(action, sent.action) ? answer : { ...answer, action }
  return { ...update, event: { ...withoutOwnSegment(event, action), act: shown } } as ViewUpdate<V>
}

/** The view that an update makes of the one before it. `asked`: the act that it answers, where it came with a reply. */
export function mergeView<V extends View>(before: V | undefined, update: ViewUpdate<V>, asked?: SentAct): V {
  const now = applyPatch<V['now']>(before?.now, update.now)
  const { act, arrived, ...event } = update.event
  const isAnswer = act && act.id === undefined && asked
  return {
    n: update.n,
    event: {
      ...(isAnswer ? withOwnSegment(event, asked.action) : event),
      ...(act ? { act: isAnswer ? { id: asked.id, action: asked.action, ...act } : act } : {}),
      ...(arrived ? { arrived: arrived.map((segment) => ({ at: now.clock, ...segment })) } : {}),
    },
    now,
  } as unknown as V
}

type SegmentEvent = { readonly sent?: SegmentUpdates | undefined; readonly state?: unknown }

/** Where the segment that has left is written as its author has written it, those fields go, and the state that was claimed with it. */
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
