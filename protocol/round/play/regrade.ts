/**
 * Judges a stored round again by today's rules and tells what comes out differently. What was played stays as it was: each action is judged
 * in the world in which it was taken, and only its verdict and what it costs or earns are those of today.
 */
import { deepEqual } from '../../deep-equal.ts'
import { SEATS, type Seat } from '../../seat.ts'
import { applyEntry } from '../fold/reducer.ts'
import { computeScore, type Score } from '../fold/score.ts'
import type { Entry } from '../model/entry.ts'
import type { Script } from '../model/script.ts'
import type { Verdict } from '../model/verdict.ts'
import type { SeatRecord, World } from '../model/world.ts'
import { judgeAction } from '../rules/judge.ts'
import type { TlsTools } from '../rules/tls-end.ts'

/** A difference between what was stored and what today's rules give. */
export interface Change<T> {
  readonly was: T
  readonly now: T
}

export interface Regrade {
  /** The entries whose verdict differs, by outcome or findings. */
  readonly verdicts: readonly (Change<Verdict> & { readonly index: number; readonly actor: Entry['actor'] })[]
  readonly scores: { readonly [S in Seat]: Change<Score> }
}

/** The part of a seat's record that is about points. */
type Grades = Pick<
  SeatRecord,
  'milestones' | 'triedFields' | 'refusedActions' | 'chargedInStep' | 'openWhenLeft' | 'excusedMisconceptions'
>

/** Regrades a whole log. `tls`: required for scenes with TLS. Throws if the log does not begin with the start of a round. */
export function regrade(entries: readonly Entry[], tls?: TlsTools): Regrade {
  const verdicts: Regrade['verdicts'][number][] = []
  /** The worlds before each entry, with today's grades. */
  const worlds: World[] = []
  let stored: World | null = null
  let regraded: World | null = null
  for (const entry of entries) {
    if (!stored || !regraded) {
      stored = applyEntry(null, entry)
      regraded = { ...stored, script: byTodaysScheme(stored.script) }
      continue
    }
    const before: World = { ...stored, script: regraded.script, seats: withGrades(stored, regraded) }
    worlds.push(before)
    const { actor, action, seen, verdict: was } = entry
    const worldAsSeen = () =>
      worlds.find(({ seats }) => (actor === 'client' || actor === 'server') && seats[actor].viewCount >= (seen ?? 0)) ?? before
    const { verdict: now, moments, after } = judgeAction(before, { actor, action, seen }, { worldAsSeen, tls })
    const effects = moments.map(({ effect }) => effect)
    const isSame = now.outcome === was.outcome && deepEqual(now.findings, was.findings)
    if (!isSame) verdicts.push({ index: entry.index, actor, was, now })
    // Where the system played for a student then and does not now, or the other way round, what was played decides what was met.
    const sameCourse = now.outcome === was.outcome && isInvigilated(effects) === isInvigilated(entry.effects)
    regraded = sameCourse && after ? after : applyEntry(before, entry)
    stored = applyEntry(stored, entry)
  }
  if (!stored || !regraded) throw new Error('a log without entries')
  const final: World = { ...stored, script: regraded.script, seats: withGrades(stored, regraded) }
  const scoreOf = (seat: Seat) => ({ was: computeScore(stored, seat), now: computeScore(final, seat) })
  return { verdicts, scores: { client: scoreOf('client'), server: scoreOf('server') } }
}

/** Whether anything comes out differently. */
export const hasChanged = ({ verdicts, scores }: Regrade): boolean =>
  verdicts.length > 0 || SEATS.some((seat) => !deepEqual(scores[seat].was, scores[seat].now))

const isInvigilated = (effects: Entry['effects']): boolean => effects.some(({ kind }) => kind === 'invigilated')

/** A script of an earlier version, with what today's scheme does not count. */
const byTodaysScheme = (script: Script): Script => ({
  ...script,
  scenes: script.scenes.map((scene) => (scene.free ? { ...scene, uncounted: true } : scene)),
})

/** The seats of a world, with the grades of another. */
const withGrades = (world: World, graded: World): World['seats'] => ({
  client: { ...world.seats.client, ...gradesOf(graded.seats.client) },
  server: { ...world.seats.server, ...gradesOf(graded.seats.server) },
})

const gradesOf = ({
  milestones,
  triedFields,
  refusedActions,
  chargedInStep,
  openWhenLeft,
  excusedMisconceptions,
}: SeatRecord): Grades => ({ milestones, triedFields, refusedActions, chargedInStep, openWhenLeft, excusedMisconceptions })
