/**
 * Splits a round's log into the steps of a replay. An entry contains all consequences of one act; a replay shows them one after
 * another: the segment leaves, then it arrives, then the application makes its next call. Pure.
 */
import type { Finding } from '../../../protocol/findings.ts'
import type { Action } from '../../../protocol/round/model/action.ts'
import type { Effect } from '../../../protocol/round/model/effect.ts'
import type { Entry } from '../../../protocol/round/model/entry.ts'
import type { Moment, Timeline, TimelineEntry } from '../../../protocol/round/fold/timeline.ts'
import type { World } from '../../../protocol/round/model/world.ts'

/** The effects that start a step. All others belong to the step before them. */
const HEADLINE_EFFECTS = [
  'begun',
  'scene',
  'left',
  'injected',
  'copied',
  'arrived',
  'lost',
  'fired',
  'called',
  'wrote',
  'read',
  'seated',
  'wire',
  'strangers',
  'over',
] as const
type HeadlineEffect = Extract<Effect, { kind: (typeof HEADLINE_EFFECTS)[number] }>
/** The moment that gives a step its sentence. */
export type Headline = Moment<HeadlineEffect>

/** One step of a replay: a part of an entry. */
export interface ReplayStep {
  readonly entry: Entry
  /** Null if the step is the act itself: a refused attempt, a claim, a wait. */
  readonly headline: Headline | null
  readonly moments: readonly Moment[]
  /** The number of the entry's moments up to and including this step. */
  readonly momentCount: number
  /** Null before the first step. */
  readonly before: World | null
  readonly after: World
}

/** The steps of a log from its first entry on. Acts without a visible effect are left out unless they were refused. */
export function buildReplaySteps(timeline: Timeline): ReplayStep[] {
  const steps: ReplayStep[] = []
  for (const read of timeline) {
    let world = read.before
    let momentCount = 0
    for (const { headline, moments } of splitEntry(read)) {
      const before: World | null = world
      world = moments.at(-1)?.after ?? before
      momentCount += moments.length
      if (headline !== undefined && world) steps.push({ entry: read.entry, headline, moments, momentCount, before, after: world })
    }
  }
  return steps
}

/** The index of the step that an address names by its entry of the log, as `#entry=12` does: the first of that entry, or the last before it. */
export function findStepByHash(steps: readonly ReplayStep[], hash: string): number {
  const entry = Number(/^#entry=(\d+)$/.exec(hash)?.[1] ?? 0)
  const first = steps.findIndex((step) => step.entry.index === entry)
  return Math.max(0, first >= 0 ? first : steps.findLastIndex((step) => step.entry.index < entry))
}

/** The timeline up to and including this step; its last entry may be incomplete. */
export const takeTimelineUntil = (timeline: Timeline, { entry, momentCount, after }: ReplayStep): Timeline =>
  timeline
    .slice(0, entry.index + 1)
    .map((read) => (read.entry === entry ? { ...read, moments: read.moments.slice(0, momentCount), after } : read))

/** The judge's findings about the act, if this is the step in which the act was made; otherwise none. */
export const listFindings = ({ entry, headline, moments }: ReplayStep): readonly Finding[] =>
  !isInvigilated(moments) && (headline === null || headline.kind === 'left') ? entry.verdict.findings : []

interface StepPart {
  /** Undefined if nothing in it deserves a step. */
  headline: Headline | null | undefined
  readonly moments: Moment[]
}

/** Splits an entry's moments into steps: `clock` and `invigilated` belong to the following step, all others to the preceding one. */
function splitEntry({ entry, moments }: TimelineEntry): StepPart[] {
  let part: StepPart = { headline: isStepByItself(entry) ? null : undefined, moments: [] }
  const parts = [part]
  const next = (headline: StepPart['headline']) => parts.push((part = { headline, moments: [] }))
  for (const moment of moments) {
    if (isHeadline(moment) && !belongsToHeadline(part, moment)) {
      if (awaitsHeadline(part)) part.headline = moment
      else next(moment)
    } else if (moment.kind === 'invigilated') next(null)
    else if (moment.kind === 'clock' && part.headline !== undefined) next(undefined)
    part.moments.push(moment)
  }
  return parts
}

/** Whether the next headline effect becomes the headline of this part instead of starting another one. */
const awaitsHeadline = ({ headline, moments }: StepPart): boolean =>
  headline === undefined || (headline === null && isInvigilated(moments) && !moments.some(({ kind }) => kind === 'done'))

/** Whether the invigilator acted in the seat's place: these moments are its doing, not the seat's. */
export const isInvigilated = (moments: readonly Moment[]): boolean => moments[0]?.kind === 'invigilated'

/** The arrival of a stranger's segment and the resulting change of the connection table are one step. */
const belongsToHeadline = ({ headline }: StepPart, moment: Headline): boolean =>
  moment.kind === 'strangers' && headline?.kind === 'arrived'

const isHeadline = (moment: Moment): moment is Headline => HEADLINE_EFFECTS.some((kind) => kind === moment.kind)

/** Actions whose effects are steps already, so that the action itself is none. */
const ACTIONS_WITH_EFFECTS: readonly Action['kind'][] = ['send', 'call', 'write', 'wire']

/** Whether the action itself is a step, regardless of its effects. */
function isStepByItself({ action, verdict: { outcome } }: Entry): boolean {
  if (outcome === 'refused') return true
  // What a seat has expected was for nobody else to see.
  if (outcome !== 'accepted' || action.kind === 'predict' || ACTIONS_WITH_EFFECTS.includes(action.kind)) return false
  return action.kind !== 'control' || action.control === 'idle'
}
