/** Gathers what arrives while the last of it is still being written, and hands it on together. */

export interface Batches<T, R> {
  /** The item's own result; rejects if writing just this item failed. */
  add(item: T): Promise<R>
  /** Resolves when all that was added is settled. Nothing may be added afterwards. */
  close(): Promise<void>
}

interface Waiting<T, R> {
  readonly item: T
  readonly resolve: (result: R) => void
  readonly reject: (error: unknown) => void
}

/**
 * At most `abreast` calls of `write` run at a time, each with at most `most` items in the order in which they came; it returns a
 * result for each.
 * If it fails with more than one item and `blames` says that an item may be to blame, each is tried by itself, so that it alone fails.
 */
export function createBatches<T, R>(
  write: (items: readonly T[]) => Promise<readonly R[]>,
  { most, abreast, blames }: { most: number; abreast: number; blames: (error: unknown) => boolean },
): Batches<T, R> {
  let waiting: Waiting<T, R>[] = []
  /** Writers at work. One that finds nothing left is off in the same step: nobody relies on it any more. */
  let writers = 0
  let last: Promise<void> = Promise.resolve()
  let closed = false

  async function settle(batch: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await write(batch.map(({ item }) => item))
      batch.forEach(({ resolve }, i) => resolve(results[i]!))
    } catch (error) {
      if (batch.length > 1 && blames(error)) for (const one of batch) await settle([one])
      else for (const { reject } of batch) reject(error)
    }
  }

  async function run(): Promise<void> {
    writers++
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most)
      waiting = waiting.slice(most)
      await settle(batch)
    }
    writers--
  }

  return {
    add(item) {
      if (closed) return Promise.reject(new Error('The log is closed: the server is stopping.'))
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        if (writers < abreast) last = Promise.all([last, run()]).then(() => {})
      })
    },
    async close() {
      closed = true
      await last
    },
  }
}
