import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from '../../server/base/config.ts'
import { createLogger, type LogLevel } from '../../server/base/logger.ts'
import { createHttpApp } from '../../server/http/build-http.ts'

/** An error whose `detail` contains the values of a row, as PostgreSQL's does. */
const violation = () =>
  Object.assign(new Error('duplicate key value violates unique constraint'), {
    code: '23505',
    detail: 'Key (name)=(Ann) already exists.',
  })

function capture(level: LogLevel | null) {
  const written: string[] = []
  return { written, logger: createLogger(level, (text) => void written.push(text)) }
}

describe('without LOG_LEVEL', () => {
  test('a warning is one plain line, and what is only informative is not told', () => {
    const { written, logger } = capture(null)
    logger.info('nothing that anybody has to do something about')
    logger.warn('Redis is back.')
    expect(written).toEqual(['Redis is back.\n'])
  })

  test('an unexpected error is told with its place in the code, and without the values of its row', () => {
    const { written, logger } = capture(null)
    logger.error({ err: violation() })
    expect(written.join('')).toMatch(/^Error: duplicate key value violates unique constraint\n\s+at /)
    expect(written.join('')).not.toContain('Ann')
  })
})

describe('LOG_LEVEL', () => {
  test('gives JSON, one object a line', () => {
    const { written, logger } = capture('warn')
    logger.warn('Redis is back.')
    logger.error({ err: violation() })
    const [warning, error] = written.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(warning).toMatchObject({ level: 40, msg: 'Redis is back.' })
    expect(error).toMatchObject({ level: 50, err: { type: 'Error', code: '23505', message: violation().message } })
    expect(written.join('')).not.toContain('Ann')
  })

  test('of info tells each request by its route, without its address, cookies or body', async () => {
    const { written, logger } = capture('info')
    const app = await createHttpApp({ trustedProxies: [], ping: async () => {}, logger, reportsDatabase: false })
    app.post('/api/replays/:link', () => ({ ok: true }))
    await app.inject({
      method: 'POST',
      url: '/api/replays/secret-link?name=Ann',
      cookies: { teacher: 'secret-cookie' },
      payload: { name: 'Ann' },
    })
    await app.close()
    const lines = written.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines).toContainEqual(expect.objectContaining({ req: { method: 'POST', route: '/api/replays/:link' } }))
    expect(lines).toContainEqual(expect.objectContaining({ res: { statusCode: 200 } }))
    expect(written.join('')).not.toMatch(/secret|Ann/)
  })

  test('that is none is one clear error', () => {
    expect(() => readConfig({ LOG_LEVEL: 'loud' })).toThrow(
      new ConfigError('LOG_LEVEL=loud is no level; it must be one of trace, debug, info, warn, error, fatal, silent.'),
    )
  })
})
