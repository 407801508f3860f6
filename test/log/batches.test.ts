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
const gather = () => Promise.resolve()

/** A writer under whose first call, of `a`, others have been added. */
async function busyWriter({ maxItems = 10 }: { maxItems?: number } = {}, others: readonly string[]) {
  const { calls, write } = slowWriter()
  const batches = createBatchWriter(write, { maxItems, gather, isItemError: () => false })
  const first = batches.add('a')
  await settled()
  return { calls, batches, first, rest: others.map((item) => batches.add(item)) }
}

describe('batches', () => {
  it('writes together what comes while rows gather, and then what has come meanwhile', async () => {
    const { calls, write } = slowWriter()
    let gathered = () => {}
    const batches = createBatchWriter(write, {
      maxItems: 10,
      gather: () => new Promise((resolve) => (gathered = resolve)),
      isItemError: () => false,
    })
    const results = ['a', 'b'].map((item) => batches.add(item))
    await settled()
    results.push(batches.add('c'))
    expect(calls).toEqual([])
    gathered()
    await settled()
    results.push(batches.add('d'))
    calls[0]!.answer()
    await settled()
    gathered()
    await settled()
    expect(calls.map(({ items }) => items)).toEqual([['a', 'b', 'c'], ['d']])
    calls[1]!.answer()
    expect(await Promise.all(results)).toEqual(['A', 'B', 'C', 'D'])
  })

  it('keeps a batch within its bound', async () => {
    const { calls, first, rest } = await busyWriter({ maxItems: 2 }, ['b', 'c', 'd'])
    for (let call = 0; call < 3; call++) {
      calls[call]!.answer()
      await settled()
    }
    expect(calls.map(({ items }) => items)).toEqual([['a'], ['b', 'c'], ['d']])
    await Promise.all([first, ...rest])
  })

  it('has one call under way: what comes meanwhile waits for it, also when it fails', async () => {
    const { calls, first, rest } = await busyWriter({}, ['b', 'c'])
    await settled()
    expect(calls).toHaveLength(1)
    calls[0]!.fail(new Error('connection lost'))
    await expect(first).rejects.toThrow('connection lost')
    await settled()
    expect(calls.map(({ items }) => items)).toEqual([['a'], ['b', 'c']])
    calls[1]!.answer()
    expect(await Promise.all(rest)).toEqual(['B', 'C'])
  })

  it('tries each by itself when one may be to blame', async () => {
    const write = async (items: readonly string[]) => {
      if (items.includes('bad')) throw new Error('bad')
      return items
    }
    const batches = createBatchWriter(write, { maxItems: 10, gather, isItemError: () => true })
    const results = await Promise.allSettled(['a', 'b', 'bad', 'c'].map((item) => batches.add(item)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  })

  it('rejects the whole batch when nobody is to blame, and goes on with the next', async () => {
    const { calls, batches, first, rest } = await busyWriter({}, ['b', 'c'])
    const results = Promise.allSettled([first, ...rest])
    calls[0]!.answer()
    await settled()
    calls[1]!.fail(new Error('connection lost'))
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    const next = batches.add('d')
    await settled()
    calls[2]!.answer()
    expect(await next).toBe('D')
  })
})
