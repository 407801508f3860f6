/** An exercise as the program uses it. The format of its file is in `exercise-file.ts`, and its instance for one round in `script.ts`. */
import type { Seat } from '../../seat.ts'
import type { UserCall } from '../../tcp/user-calls.ts'
import type {
  ApplicationStepTemplate,
  Condition,
  ExerciseFile,
  LocalizedText,
  Milestone,
  MilestoneDeed,
  PoolQuestion,
  Question,
  Scene,
} from './exercise-file.ts'

export type {
  BoundName,
  Condition,
  HttpContent,
  Injection,
  LengthRange,
  LocalizedText,
  PoolQuestion,
  Question,
  Scene,
  Tls,
  TlsSide,
  TraceLine,
  UserCallTemplate,
  WebPage,
  WireFault,
} from './exercise-file.ts'

export const LEVELS = ['guided', 'standard', 'exam'] as const
export type Level = (typeof LEVELS)[number]

/** How many attempts each step allows, unless the exercise sets another number. */
export const DEFAULT_ATTEMPTS: { readonly [L in Level]: number } = { guided: 4, standard: 4, exam: 2 }

export const LANGS = ['en', 'zh'] as const
export type Lang = (typeof LANGS)[number]

/** One step of an application's script in a round. Unlike in the template, the number of octets to send is fixed. */
export type ApplicationStep = Omit<ApplicationStepTemplate, 'call'> & { readonly call?: UserCall }

/** What meets a milestone: an effect or a state, no matter which legal segment causes it. `chooses`: answers this question of the scene. */
export type Deed = MilestoneDeed | { readonly chooses: string }

/** World times in ms. */
export type Times = Required<NonNullable<Scene['times']>>

export const DEFAULT_TIMES_MS: Times = { transit: 50, rto: 1_000, msl: 120_000, userTimeout: 300_000, halfOpen: 63_000 }

export const WIRE_OPERATIONS = ['drop', 'duplicate', 'hold', 'inject'] as const
/** What the network seat may do beyond letting segments pass. */
export type WireOperation = (typeof WIRE_OPERATIONS)[number]

export const TOPICS = ['opening', 'data', 'closing', 'why', 'corners', 'https'] as const
/** What an exercise is about. Lists of exercises use the topics as headings, in this order. */
export type Topic = (typeof TOPICS)[number]

/** The contents of an exercise's file, without the fields that only lists of exercises need. */
export type Exercise = Omit<ExerciseFile, 'order' | 'published'>

/** The exercise's scenes, with adjacent scenes of the same family grouped together. A round plays one scene of each group. */
export function groupByFamily({ scenes }: Pick<Exercise, 'scenes'>): readonly (readonly Scene[])[] {
  const places: Scene[][] = []
  for (const scene of scenes) {
    const last = places.at(-1)
    if (last && scene.family !== undefined && last[0]?.family === scene.family) last.push(scene)
    else places.push([scene])
  }
  return places
}

/** A question that a seat may be asked in a scene: one of the scene's own, or one of the exercise's pool. */
export const findQuestion = (
  { scenes, pool }: Pick<Exercise, 'scenes' | 'pool'>,
  scene: string,
  seat: Seat,
  question: string,
): Question | PoolQuestion | undefined =>
  scenes.find(({ id }) => id === scene)?.questions?.[seat]?.find(({ id }) => id === question) ??
  pool?.[seat]?.find(({ id }) => id === question)

/** Ids and titles of the scenes that have a title. */
export const titledScenes = ({ scenes }: Pick<Exercise, 'scenes'>): { readonly id: string; readonly title: LocalizedText }[] =>
  scenes.flatMap(({ id, title }) => (title ? [{ id, title }] : []))

/** A scored step of a scene: a milestone or a question. It opens on the condition `opens`; `goal`: once the goal is reached. */
export type ScoredStep = Pick<Milestone, 'id'> & { readonly deed: Deed; readonly opens?: Condition | 'goal' }

/** A question as a scored step. */
export const toScoredStep = ({ id, when }: Pick<Question, 'id' | 'when'>): ScoredStep => ({
  id,
  deed: { chooses: id },
  opens: when ?? 'goal',
})

/** A seat's scored steps in a scene, the milestones first. */
export const scoredStepsOf = (scene: Pick<Scene, 'milestones' | 'questions'>, seat: Seat): readonly ScoredStep[] => [
  ...scene.milestones[seat].map(({ id, deed, opens }) => (opens ? { id, deed, opens } : { id, deed })),
  ...(scene.questions?.[seat] ?? []).map(toScoredStep),
]
