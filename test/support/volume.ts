/**
 * How many random cases each test runs, and from which seed. The default is few cases from a fixed seed; `VOLUME=full` runs many
 * more, from a seed made of the current date, which is printed. `SEED=7` sets another seed. The same SEED and VOLUME give the
 * same cases.
 */
export const FULL = process.env['VOLUME'] === 'full'

/** The current date (UTC) as `20261130`. */
const today = () => new Date().toISOString().slice(0, 10).replaceAll('-', '')

/** The seed of all tests in a run. The first process sets it, and the processes that it starts inherit it. */
export const SEED = Number((process.env['SEED'] ||= FULL ? today() : '9293'))

/** A message printed before the tests; null for a run with the defaults. */
export const announcement = FULL ? `VOLUME=full SEED=${SEED}: with these two the same is played again.` : null

/** Counts: the default, and the count with `VOLUME=full`. */
const COUNTS = {
  /** Runs of fast-check. */
  judgedAnything: [500, 5_000],
  typedAnything: [500, 5_000],
  arithmetic: [100, 1_000],
  patches: [1_000, 20_000],
  losslessConversations: [60, 300],
  changedConversations: [40, 150],
  faultyConversations: [100, 400],
  paidConversations: [60, 500],
  tlsConversations: [20, 60],
  tlsChangedOctets: [40, 150],
  roundsOfAnyActions: [15, 150],
  roundsOnTwoNodes: [40, 150],
  simulatedLessons: [200, 10_000],
  pairings: [100, 1_000],
  ladders: [60, 300],
  changedEntries: [300, 3_000],
  changedFiles: [1_500, 10_000],
  changedTlsCaptures: [30, 100],
  /** Rounds of each exercise. */
  straightRounds: [3, 60],
  randomLegalRounds: [8, 40],
  roundsByHand: [2, 20],
  /** How many plays a search keeps at each depth, and how many acts it tries in each. */
  playsKept: [2, 8],
  actsTried: [4, 40],
  plantedMistakes: [2, 6],
  plantedInHandshakes: [20, 60],
  capturedRounds: [2, 6],
  /**
   * Rounds of each exercise and each pair of the partner's styles, in addition to those that a teacher's own exercise has to pass
   * as well.
   */
  proofs: [0, 200],
  /** How many times something is done in one lesson. */
  kills: [3, 10],
  actsAtOnce: [10, 30],
} as const satisfies Readonly<Record<string, readonly [number, number]>>

export type Counted = keyof typeof COUNTS

/** How many cases a test runs. */
export const count = (of: Counted): number => COUNTS[of][FULL ? 1 : 0]

/** Parameters for fast-check. When a property fails, it prints the seed and the path to the smallest counterexample. */
export const runs = (of: Counted) => ({ seed: SEED, numRuns: count(of) })

/** As many consecutive seeds, starting with SEED. */
export const seeds = (of: Counted): readonly number[] => Array.from({ length: count(of) }, (_, i) => SEED + i)
