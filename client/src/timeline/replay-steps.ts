/**
 * A round's log, cut into the steps that a replay goes through. An entry holds all that one act brought about, and a replay shows
 * that one thing after the other: the segment leaves, then it arrives, then the application makes its next call. Pure.
 */
import type { Finding } from '../../../protocol/findings.ts'
import type { Action } from '../../../protocol/round/model/action.ts'
import type { Effect } from '../../../protocol/round/model/effect.ts'
import type { Entry } from '../../../protocol/round/model/entry.ts'
import type { Moment, Timeline, TimelineEntry } from '../../../protocol/round/fold/timeline.ts'
import type { World } from '../../../protocol/round/model/world.ts'

/** The effects that are worth a step of their own. All others belong to the step that they follow. */
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
export type Headline = Moment<HeadlineEffect>

export interface ReplayStep {
  readonly entry: Entry
  /** Null where the step is the act itself: a refused attempt, a claim, a wait. */
  readonly headline: Headline | null
  readonly moments: readonly Moment[]
  /** How many of the entry's moments have come about with it. */
  readonly momentCount: number
  /** Null before the first step. */
  readonly before: World | null
  readonly after: World
}

/** The steps of a log from its first entry on. Acts without effect are left out unless they were refused. */
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

/** The log as it stood with this step: its last entry has come about in part only. */
export const takeTimelineUntil = (timeline: Timeline, { entry, momentCount, after }: ReplayStep): Timeline =>
  timeline
    .slice(0, entry.index + 1)
    .map((read) => (read.entry === entry ? { ...read, moments: read.moments.slice(0, momentCount), after } : read))

/** What the judge has found in the act, with the step in which it was made. */
export const listFindings = ({ entry, headline, moments }: ReplayStep): readonly Finding[] =>
  !isInvigilated(moments) && (headline === null || headline.kind === 'left') ? entry.verdict.findings : []

interface StepPart {
  /** Undefined where nothing happens that would be worth a step. */
  headline: Headline | null | undefined
  readonly moments: Moment[]
}

/** An entry's moments, step by step: the world's clock and the invigilator come with what follows them, all else with what it follows. */
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

/** Nothing has happened in it so far that could be the headline. */
const awaitsHeadline = ({ headline, moments }: StepPart): boolean =>
  headline === undefined || (headline === null && isInvigilated(moments) && !moments.some(({ kind }) => kind === 'done'))

/** The invigilator has played the seat's step: these moments are its doing, not the seat's. */
export const isInvigilated = (moments: readonly Moment[]): boolean => moments[0]?.kind === 'invigilated'

/** A stranger's segment arrives, and the table of connections grows: that is one thing. */
const belongsToHeadline = ({ headline }: StepPart, moment: Headline): boolean =>
  moment.kind === 'strangers' && headline?.kind === 'arrived'

const isHeadline = (moment: Moment): moment is Headline => HEADLINE_EFFECTS.some((kind) => kind === moment.kind)

/** Actions whose effects are steps already: the action needs none of its own. */
const ACTIONS_WITH_EFFECTS: readonly Action['kind'][] = ['send', 'call', 'write', 'wire']

/** Whether the action itself is a step, whatever its effects are. */
function isStepByItself({ action, verdict: { outcome } }: Entry): boolean {
  if (outcome === 'refused') return true
  if (outcome !== 'accepted' || ACTIONS_WITH_EFFECTS.includes(action.kind)) return false
  return action.kind !== 'control' || action.control === 'idle'
}
