import { describe, expect, it } from 'vitest'
import { createBatchWriter } from '../../server/rounds/batch-writer.ts'

/** A writer whose calls the test answers. */
function slowWriter() {
  const calls: { items: readonly string[]; answer: () => void; fail: (error: Error) => void }[] = []
  const write = (items: readonly string[]) =>
    new Promise<string[]>((resolve, reject) => {
      calls.push({ items, answer: () => resolve(items.map((item) => item.toUpperCase())), fail: reject })
    })
  return { calls, write }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('batches', () => {
  it('writes the first at once, and together what has come meanwhile', async () => {
    const { calls, write } = slowWriter()
    const batches = createBatchWriter(write, { maxItems: 10, isItemError: () => false })
    const results = ['a', 'b', 'c'].map((item) => batches.add(item))
    expect(calls.map(({ items }) => items)).toEqual([['a']])
    calls[0]!.answer()
    await settled()
    expect(calls.map(({ items }) => items)).toEqual([['a'], ['b', 'c']])
    calls[1]!.answer()
    expect(await Promise.all(results)).toEqual(['A', 'B', 'C'])
  })

  it('keeps a batch within its bound', async () => {
    const { calls, write } = slowWriter()
    const batches = createBatchWriter(write, { maxItems: 2, isItemError: () => false })
    const results = ['a', 'b', 'c', 'd'].map((item) => batches.add(item))
    for (let call = 0; call < 3; call++) {
      calls[call]!.answer()
      await settled()
    }
    expect(calls.map(({ items }) => items)).toEqual([['a'], ['b', 'c'], ['d']])
    await Promise.all(results)
  })

  it('has one call under way: what comes meanwhile waits for it, also when it fails', async () => {
    const { calls, write } = slowWriter()
    const batches = createBatchWriter(write, { maxItems: 10, isItemError: () => false })
    const first = batches.add('a')
    const others = ['b', 'c'].map((item) => batches.add(item))
    await settled()
    expect(calls).toHaveLength(1)
    calls[0]!.fail(new Error('connection lost'))
    await expect(first).rejects.toThrow('connection lost')
    await settled()
    expect(calls.map(({ items }) => items)).toEqual([['a'], ['b', 'c']])
    calls[1]!.answer()
    expect(await Promise.all(others)).toEqual(['B', 'C'])
  })

  it('tries each by itself when one may be to blame', async () => {
    const write = async (items: readonly string[]) => {
      if (items.includes('bad')) throw new Error('bad')
      return items
    }
    const batches = createBatchWriter(write, { maxItems: 10, isItemError: () => true })
    const results = await Promise.allSettled(['a', 'b', 'bad', 'c'].map((item) => batches.add(item)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  })

  it('rejects the whole batch when nobody is to blame, and goes on with the next', async () => {
    const { calls, write } = slowWriter()
    const batches = createBatchWriter(write, { maxItems: 10, isItemError: () => false })
    const results = Promise.allSettled(['a', 'b', 'c'].map((item) => batches.add(item)))
    calls[0]!.answer()
    await settled()
    calls[1]!.fail(new Error('connection lost'))
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    const next = batches.add('d')
    calls[2]!.answer()
    expect(await next).toBe('D')
  })
})
