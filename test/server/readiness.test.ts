import { describe, expect, test } from 'vitest'
import { createLogger } from '../../server/base/logger.ts'
import { createHttpApp } from '../../server/http/build-http.ts'
import { createReadiness } from '../../server/http/readiness.ts'
import { manualTime } from '../support/time.ts'

const never = () => new Promise<never>(() => {})
const well = () => Promise.resolve()

describe('whether a node is ready', () => {
  const time = manualTime()

  test('everything that it needs answers', async () => {
    await expect(createReadiness({ 'the database': well, Redis: well }, time.after).check()).resolves.toBeUndefined()
  })

  test('what refuses is named at once', async () => {
    const refuse = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.1:5432'))
    await expect(createReadiness({ 'the database': refuse, Redis: well }, time.after).check()).rejects.toMatchObject({
      code: 'unavailable',
      message: 'Not ready: the database does not answer.',
    })
  })

  test('what hangs is named within two seconds', async () => {
    const check = createReadiness({ 'the database': well, Redis: never }, time.after).check()
    const told = expect(check).rejects.toMatchObject({ message: 'Not ready: Redis does not answer.' })
    await Promise.resolve() // Lets the database answer.
    time.pass(2_000)
    await told
  })

  test('a node that stops is not, whatever answers', async () => {
    const readiness = createReadiness({ 'the database': well }, time.after)
    readiness.stop()
    await expect(readiness.check()).rejects.toMatchObject({ message: 'Not ready: this node is stopping.' })
  })
})

describe('faults', () => {
  const report = async (errors: readonly Error[]) => {
    const written: string[] = []
    const app = await createHttpApp({
      trustedProxies: [],
      ping: well,
      logger: createLogger(null, (text) => void written.push(text)),
      reportsDatabase: true,
    })
    for (const error of errors) app.fault(error)
    await app.close()
    return written
  }

  test('of a full disk are one line that says so, however many they are', async () => {
    const full = () => Object.assign(new Error('could not extend file "base/5/16384": No space left on device'), { code: '53100' })
    expect(await report([full(), full(), full()])).toEqual([
      'The disk of the database is full: nothing is accepted until there is room again. What was acknowledged is safe.\n',
    ])
  })

  test('that are the same are told once a minute, others each', async () => {
    const written = await report([new Error('one'), new Error('one'), new Error('other')])
    expect(written.map((text) => text.split('\n')[0])).toEqual(['Error: one', 'Error: other'])
  })
})
