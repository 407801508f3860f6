/** Class activities: what starts them, what participants and the teacher may do in them, and what their pages are sent. */
import { Type } from 'typebox'
import type { PhoneView, ScreenView } from '../protocol/class/kinds.ts'
import { ACTIVITY_KINDS } from '../protocol/class/kind-names.ts'
import type { VerdictView } from '../protocol/class/verdict-view.ts'
import { Draft, State } from './actions.ts'
import { declaredElsewhere, Id, literals, nullable, strictObject, type JsonOf } from './schema-parts.ts'

/** Start an activity of this kind for everybody who has joined. */
export const NewActivity = strictObject({ kind: literals(ACTIVITY_KINDS) })

/** The activity that has been started; null after the end of one. */
export const ActivityInfo = Type.Object({ activity: nullable(Type.Object({ kind: Type.Enum([...ACTIVITY_KINDS]) })) })

/** What a participant may do: come in, send a composed segment, or the one that is due. */
const PhoneAction = Type.Union([
  strictObject({ kind: literals(['enter', 'send-due'] as const) }),
  strictObject({ kind: Type.Literal('send'), segment: Draft, state: State }),
])

/** What the teacher may do. */
export const ScreenAction = Type.Union([
  strictObject({ kind: literals(['pass-time', 'leak', 'pass-on', 'close'] as const) }),
  strictObject({ kind: Type.Literal('open-scene'), scene: Type.Integer({ minimum: 0, maximum: 9 }) }),
])
export type ScreenAction = JsonOf<typeof ScreenAction>

const ScreenViewSchema = declaredElsewhere<ScreenView>('ScreenView of protocol/class/kinds.ts')
export const VerdictSchema = declaredElsewhere<VerdictView>('VerdictView of protocol/class/verdict-view.ts')

/** An activity as one participant sees it; `view` is null before they take part. */
export const PhoneActivity = Type.Object({
  id: Type.String(),
  kind: Type.Enum([...ACTIVITY_KINDS]),
  view: declaredElsewhere<PhoneView | null>('PhoneView of protocol/class/kinds.ts, or null'),
})
export type PhoneActivity = JsonOf<typeof PhoneActivity>

/** An activity as the projector shows it. */
export const ScreenActivity = Type.Object({ id: Type.String(), view: ScreenViewSchema })
export type ScreenActivity = JsonOf<typeof ScreenActivity>

/** Acts of participants and of the teacher. `id`: as in the event `act`. */
export const PhoneAct = strictObject({ activity: Id, id: Id, action: PhoneAction })
export const ScreenAct = strictObject({ session: Id, activity: Id, id: Id, action: ScreenAction })
