/**
 * Reads the facts of rounds from their logs. They are kept for each length of a log, so that asking again while 150 pairs play costs little.
 */
import { readRoundFacts, type RoundFacts } from '../../protocol/round/insights/round-facts.ts'
import type { Round } from '../generated/prisma/client.ts'
import type { RoundLog } from '../rounds/log.ts'
import type { Rounds } from '../rounds/rounds.ts'

export interface RoundFactsReader {
  /** The facts of each round, in the same order; null before a round's first entry. */
  read(rounds: readonly Pick<Round, 'id' | 'endedAt'>[]): Promise<(RoundFacts | null)[]>
  /** A round's facts as if its refusals and hints at these entries had cost nothing. */
  readForgiven(round: Pick<Round, 'id' | 'endedAt'>, entries: ReadonlySet<number>): Promise<RoundFacts | null>
}

/** Maximum number of rounds whose facts are kept, some 2 kB each. */
const MAX_CACHED_ROUNDS = 30_000
/** Rounds whose logs are read at the same time, to limit memory. */
const ROUND_BATCH_SIZE = 50

export function createRoundFactsReader({
  rounds,
  log,
}: {
  rounds: Pick<Rounds, 'readEntries'>
  log: Pick<RoundLog, 'read'>
}): RoundFactsReader {
  /** By round, and what is forgiven in it. Facts of rounds that are over do not change any more. */
  const cache = new Map<string, RoundFacts>()

  const readOne = async (
    { id, endedAt }: Pick<Round, 'id' | 'endedAt'>,
    forgiven?: ReadonlySet<number>,
  ): Promise<RoundFacts | null> => {
    const key = [id, ...(forgiven ?? [])].join(' ')
    const known = cache.get(key)
    if (known?.over) return known
    // A round that is over is read from the log, so that it is not loaded into memory with all its views.
    const entries = endedAt ? await log.read(id) : await rounds.readEntries(id)
    if (known?.entryCount === entries.length) return known
    const facts = readRoundFacts(entries, forgiven)
    if (cache.size >= MAX_CACHED_ROUNDS) cache.clear()
    if (facts) cache.set(key, facts)
    return facts
  }

  return {
    async read(rows) {
      const all: (RoundFacts | null)[] = []
      for (let from = 0; from < rows.length; from += ROUND_BATCH_SIZE)
        all.push(...(await Promise.all(rows.slice(from, from + ROUND_BATCH_SIZE).map((row) => readOne(row)))))
      return all
    },
    readForgiven: (row, entries) => readOne(row, entries),
  }
}
