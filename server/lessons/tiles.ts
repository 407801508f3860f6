/** The tiles of the teacher's board: one per pair, made from the log of its round. */
import { mistakeOf, type Finding, type Mistake } from '../../protocol/findings.ts'
import type { Seat } from '../../protocol/seat.ts'
import type { Tile, TileRound } from '../../contract/answers.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { readLastArrows } from '../../protocol/round/fold/timeline.ts'
import { getGivenAsTyped } from '../../protocol/round/view/given-as-typed.ts'
import type { World } from '../../protocol/round/model/world.ts'

/** The properties of a round that never change: its players, and its position in the lesson. */
export interface RoundInfo {
  readonly id: string
  readonly session: string
  readonly pair: Omit<Tile, 'round'>
  readonly leg: 1 | 2
  readonly legs: 1 | 2
  /** Participant ids. */
  readonly client: string
  readonly server: string
  readonly network: string | null
}

/** How many arrows a tile shows. */
const MAX_ARROWS = 12
const ARROW_LETTERS = { sent: { client: 'c', server: 's' }, refused: { client: 'x', server: 'y' } } as const

/** Builds the round's part of a tile. */
export function buildTileRound(round: RoundInfo, world: World, entries: readonly Entry[]): TileRound {
  const lastAcceptedIndex = entries.findLastIndex(
    (entry) => entry.verdict.outcome === 'accepted' && entry.action.kind !== 'hint' && entry.action.kind !== 'predict',
  )
  const refused = entries.slice(lastAcceptedIndex + 1).filter((entry) => entry.verdict.outcome === 'refused')
  return {
    id: round.id,
    exercise: world.script.exercise,
    leg: round.leg,
    client: round.client,
    server: round.server,
    network: round.network,
    index: world.entryCount,
    states: { client: world.hosts.client.tcb.state, server: world.hosts.server.tcb.state },
    progress: { client: countMilestones(world, 'client'), server: countMilestones(world, 'server') },
    arrows: drawRecentArrows(entries),
    refusals: refused.length,
    last: describeLastRefusal(refused),
    mistakes: listMistakes(entries),
    since: (entries[lastAcceptedIndex] ?? entries[0])?.at ?? '',
    over: world.over,
    finished: world.over !== null && (round.leg === round.legs || world.over === 'moved-on' || world.over === 'ended'),
  }
}

function countMilestones(world: World, seat: Seat): { met: number; of: number } {
  const { milestones } = world.seats[seat]
  return { met: milestones.filter((m) => m.status === 'met').length, of: milestones.length }
}

/** The recent arrows in the notation of `TileRound.arrows`. */
const drawRecentArrows = (entries: readonly Entry[]): string =>
  readLastArrows(entries, MAX_ARROWS)
    .map(({ kind, from }) => ARROW_LETTERS[kind][from])
    .join('')

/** Each kind of mistake in these entries, the latest last. Of an act with several, the one that is told first. */
function listMistakes(entries: readonly Entry[]): Mistake[] {
  const mistakes = new Set<Mistake>()
  for (const { verdict } of entries) {
    const finding = verdict.outcome === 'refused' ? findRefusal(verdict.findings) : undefined
    if (!finding) continue
    const mistake = mistakeOf(finding)
    mistakes.delete(mistake) // it is added again at the end
    mistakes.add(mistake)
  }
  return [...mistakes]
}

const findRefusal = (findings: readonly Finding[]): Finding | undefined => findings.find(({ kind }) => kind === 'refusal')

function describeLastRefusal(refused: readonly Entry[]): TileRound['last'] {
  const entry = refused.at(-1)
  const finding = entry && findRefusal(entry.verdict.findings)
  if (!entry || !finding || (entry.actor !== 'client' && entry.actor !== 'server')) return null
  const { field, misconception } = finding
  return { seat: entry.actor, field, given: getGivenAsTyped(finding, entry.action) || null, misconception }
}
