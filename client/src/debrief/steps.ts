/**
 * A round's log, cut into the steps that a replay goes through. An entry holds all that one act brought about, and a replay shows
 * that one thing after the other: the segment leaves, then it arrives, then the application makes its next call. Pure.
 */
import type { Finding } from '../../../protocol/findings.ts'
import type { Action, Effect, Entry } from '../../../protocol/world/action.ts'
import { apply, applyEffect } from '../../../protocol/world/apply.ts'
import type { World } from '../../../protocol/world/world.ts'

/** The effects that are worth a step of their own. All others belong to the step that they follow. */
const HEADLINES = [
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
export type Headline = Extract<Effect, { is: (typeof HEADLINES)[number] }>

export interface Step {
  readonly entry: Entry
  /** Null where the step is the act itself: a refused attempt, a claim, a wait. */
  readonly headline: Headline | null
  readonly effects: readonly Effect[]
  /** How many of the entry's effects have come about with it. */
  readonly reached: number
  /** Null before the first step. */
  readonly before: World | null
  readonly after: World
}

/** The steps of a log from its first entry on; none of acts that did nothing and were not refused. */
export function stepsOf(entries: readonly Entry[]): Step[] {
  const steps: Step[] = []
  let world: World | null = null
  for (const entry of entries) {
    let after: World | null = world
    let reached = 0
    const parts = cut(entry)
    for (const { headline, effects } of parts) {
      const before: World | null = after
      reached += effects.length
      after = effects.reduce(applyEffect, after)
      if (headline !== undefined && after) steps.push({ entry, headline, effects, reached, before, after })
    }
    world = apply(world, entry)
  }
  return steps
}

/** The log as it stood with this step: its last entry has come about in part only. */
export const entriesUntil = (entries: readonly Entry[], { entry, reached }: Step): Entry[] => [
  ...entries.slice(0, entry.index),
  { ...entry, effects: entry.effects.slice(0, reached) },
]

/** What the judge has found in the act, with the step in which it was made. */
export const findingsOf = ({ entry, headline, effects }: Step): readonly Finding[] =>
  !isInvigilated(effects) && (headline === null || headline.is === 'left') ? entry.verdict.findings : []

interface Part {
  /** Undefined where nothing happens that would be worth a step. */
  headline: Headline | null | undefined
  readonly effects: Effect[]
}

/** An entry's effects, step by step: the world's clock and the invigilator come with what follows them, all else with what it follows. */
function cut(entry: Entry): Part[] {
  let part: Part = { headline: isDeed(entry) ? null : undefined, effects: [] }
  const parts = [part]
  const next = (headline: Part['headline']) => parts.push((part = { headline, effects: [] }))
  for (const effect of entry.effects) {
    if (isHeadline(effect) && !tellsMore(part, effect)) {
      if (awaits(part)) part.headline = effect
      else next(effect)
    } else if (effect.is === 'invigilated') next(null)
    else if (effect.is === 'clock' && part.headline !== undefined) next(undefined)
    part.effects.push(effect)
  }
  return parts
}

/** Nothing has happened in it yet but what comes before a headline. */
const awaits = ({ headline, effects }: Part): boolean =>
  headline === undefined || (headline === null && isInvigilated(effects) && !effects.some(({ is }) => is === 'done'))

/** The invigilator has played the seat's step: these effects are its doing, not the seat's. */
export const isInvigilated = (effects: readonly Effect[]): boolean => effects[0]?.is === 'invigilated'

/** A stranger's segment arrives, and the table of connections grows: that is one thing. */
const tellsMore = ({ headline }: Part, effect: Headline): boolean => effect.is === 'strangers' && headline?.is === 'arrived'

const isHeadline = (effect: Effect): effect is Headline => HEADLINES.some((is) => is === effect.is)

/** Acts that show in what they bring about. */
const MOVES: readonly Action['type'][] = ['send', 'call', 'write', 'wire']

/** An act that is a step by itself, whatever follows from it. */
function isDeed({ action, verdict: { outcome } }: Entry): boolean {
  if (outcome === 'refused') return true
  if (outcome !== 'accepted' || MOVES.includes(action.type)) return false
  return action.type !== 'control' || action.control === 'idle'
}
