/** Batches writes: items that arrive during a write go out together in the next one. */

/** Writes items in batches. */
export interface BatchWriter<T, R> {
  /** Resolves to the item's own result. Rejects if writing this item failed. */
  add(item: T): Promise<R>
  /** Resolves when everything added has been written or rejected. Nothing may be added afterwards. */
  close(): Promise<void>
}

interface QueuedItem<T, R> {
  readonly item: T
  readonly resolve: (result: R) => void
  readonly reject: (error: unknown) => void
}

/**
 * Creates a batch writer. One call of `write` runs at a time, with at most `maxItems` items in the order in which they were
 * added; it returns one result per item. Before each call `gather` is awaited, so that what arrives meanwhile goes along. If a call with several items fails and `isItemError` says that one of the items may be
 * the cause, each item is written separately, so that only the faulty one fails.
 */
export function createBatchWriter<T, R>(
  write: (items: readonly T[]) => Promise<readonly R[]>,
  { maxItems, gather, isItemError }: { maxItems: number; gather: () => Promise<void>; isItemError: (error: unknown) => boolean },
): BatchWriter<T, R> {
  let queue: QueuedItem<T, R>[] = []
  /** Set to false in the same tick in which the queue is found empty, so that an item added later starts a new drain. */
  let isDraining = false
  let drained: Promise<void> = Promise.resolve()
  let closed = false

  async function writeBatch(batch: readonly QueuedItem<T, R>[]): Promise<void> {
    try {
      const results = await write(batch.map(({ item }) => item))
      batch.forEach(({ resolve }, i) => resolve(results[i]!))
    } catch (error) {
      if (batch.length > 1 && isItemError(error)) for (const one of batch) await writeBatch([one])
      else for (const { reject } of batch) reject(error)
    }
  }

  async function drainQueue(): Promise<void> {
    isDraining = true
    while (queue.length > 0) {
      await gather()
      const batch = queue.slice(0, maxItems)
      queue = queue.slice(maxItems)
      await writeBatch(batch)
    }
    isDraining = false
  }

  return {
    add(item) {
      if (closed) return Promise.reject(new Error('The log is closed: the server is stopping.'))
      return new Promise((resolve, reject) => {
        queue.push({ item, resolve, reject })
        if (!isDraining) drained = drainQueue()
      })
    },
    async close() {
      closed = true
      await drained
    },
  }
}
