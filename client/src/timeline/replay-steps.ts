/**
 * A round's log, cut into the steps that a replay goes through. An entry holds all that one act brought about, and a replay shows
 * that one thing after the other: the segment leaves, then it arrives, then the application makes its next call. Pure.
 */
import type { Finding } from '../../../protocol/findings.ts'
import type { Action } from '../../../protocol/round/model/action.ts'
import type { Effect } from '../../../protocol/round/model/effect.ts'
import type { Entry } from '../../../protocol/round/model/entry.ts'
import { applyEntry, applyEffect } from '../../../protocol/round/fold/reducer.ts'
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
export type Headline = Extract<Effect, { kind: (typeof HEADLINE_EFFECTS)[number] }>

export interface ReplayStep {
  readonly entry: Entry
  /** Null where the step is the act itself: a refused attempt, a claim, a wait. */
  readonly headline: Headline | null
  readonly effects: readonly Effect[]
  /** How many of the entry's effects have come about with it. */
  readonly effectCount: number
  /** Null before the first step. */
  readonly before: World | null
  readonly after: World
}

/** The steps of a log from its first entry on; none of acts that did nothing and were not refused. */
export function buildReplaySteps(entries: readonly Entry[]): ReplayStep[] {
  const steps: ReplayStep[] = []
  let world: World | null = null
  for (const entry of entries) {
    let after: World | null = world
    let reached = 0
    const parts = splitEntry(entry)
    for (const { headline, effects } of parts) {
      const before: World | null = after
      reached += effects.length
      after = effects.reduce(applyEffect, after)
      if (headline !== undefined && after) steps.push({ entry, headline, effects, effectCount: reached, before, after })
    }
    world = applyEntry(world, entry)
  }
  return steps
}

/** The log as it stood with this step: its last entry has come about in part only. */
export const takeEntriesUntil = (entries: readonly Entry[], { entry, effectCount }: ReplayStep): Entry[] => [
  ...entries.slice(0, entry.index),
  { ...entry, effects: entry.effects.slice(0, effectCount) },
]

/** What the judge has found in the act, with the step in which it was made. */
export const listFindings = ({ entry, headline, effects }: ReplayStep): readonly Finding[] =>
  !isInvigilated(effects) && (headline === null || headline.kind === 'left') ? entry.verdict.findings : []

interface StepPart {
  /** Undefined where nothing happens that would be worth a step. */
  headline: Headline | null | undefined
  readonly effects: Effect[]
}

/** An entry's effects, step by step: the world's clock and the invigilator come with what follows them, all else with what it follows. */
function splitEntry(entry: Entry): StepPart[] {
  let part: StepPart = { headline: isStepByItself(entry) ? null : undefined, effects: [] }
  const parts = [part]
  const next = (headline: StepPart['headline']) => parts.push((part = { headline, effects: [] }))
  for (const effect of entry.effects) {
    if (isHeadline(effect) && !belongsToHeadline(part, effect)) {
      if (awaitsHeadline(part)) part.headline = effect
      else next(effect)
    } else if (effect.kind === 'invigilated') next(null)
    else if (effect.kind === 'clock' && part.headline !== undefined) next(undefined)
    part.effects.push(effect)
  }
  return parts
}

/** Nothing has happened in it yet but what comes before a headline. */
const awaitsHeadline = ({ headline, effects }: StepPart): boolean =>
  headline === undefined || (headline === null && isInvigilated(effects) && !effects.some(({ kind }) => kind === 'done'))

/** The invigilator has played the seat's step: these effects are its doing, not the seat's. */
export const isInvigilated = (effects: readonly Effect[]): boolean => effects[0]?.kind === 'invigilated'

/** A stranger's segment arrives, and the table of connections grows: that is one thing. */
const belongsToHeadline = ({ headline }: StepPart, effect: Headline): boolean =>
  effect.kind === 'strangers' && headline?.kind === 'arrived'

const isHeadline = (effect: Effect): effect is Headline => HEADLINE_EFFECTS.some((is) => is === effect.kind)

/** Acts that show in what they bring about. */
const ACTIONS_WITH_EFFECTS: readonly Action['kind'][] = ['send', 'call', 'write', 'wire']

/** An act that is a step by itself, whatever follows from it. */
function isStepByItself({ action, verdict: { outcome } }: Entry): boolean {
  if (outcome === 'refused') return true
  if (outcome !== 'accepted' || ACTIONS_WITH_EFFECTS.includes(action.kind)) return false
  return action.kind !== 'control' || action.control === 'idle'
}
