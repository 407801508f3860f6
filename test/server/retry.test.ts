import { expect, test } from 'vitest'
import { createRetry } from '../../server/base/retry.ts'
import { manualTime } from '../support/time.ts'

/** Waits until rejections have been handled. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

/** Moves the manual clock second by second, because timers may be set on the way. */
async function pass(time: ReturnType<typeof manualTime>, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    time.pass(1_000)
    await settle()
  }
}

test('work that fails is done once the database is back, also after five minutes, and not again', async () => {
  const time = manualTime()
  const reported: unknown[] = []
  const { retry } = createRetry({ report: (error) => reported.push(error), after: time.after })
  let away = true
  let done = 0
  retry(async () => {
    if (away) throw new Error('the database is away')
    done++
  })
  await pass(time, 300)
  expect(reported.length).toBeLessThan(20)
  away = false
  await pass(time, 31)
  expect(done).toBe(1)
  await pass(time, 600)
  expect(done).toBe(1)
})

test('work that never succeeds is given up, and what has been stopped is not tried again', async () => {
  const time = manualTime()
  const reported: unknown[] = []
  const { retry, stop } = createRetry({ report: (error) => reported.push(error), after: time.after })
  const fail = () => Promise.reject(new Error('no such session'))
  retry(fail)
  await pass(time, 900)
  expect(reported).toHaveLength(24)
  retry(fail)
  await settle()
  await stop()
  await pass(time, 60)
  expect(reported).toHaveLength(25)
})
