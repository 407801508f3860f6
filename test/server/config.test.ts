/** Values of environment variables that cannot be used: one line says which, and never repeats a password. */
import { expect, it } from 'vitest'
import { ConfigError, readConfig } from '../../server/base/config.ts'
import { DatabaseError } from '../../server/database/error.ts'
import { openDatabase } from '../../server/database/open.ts'

it.each([
  [{ PORT: '80a' }, /^PORT=80a is not a port/],
  [{ PORT: '70000' }, /^PORT=70000 is not a port/],
  [{ HOST: 'no host' }, /^HOST=no host is not a host/],
  [{ DATABASE_URL: 'mysql://root:secret@127.0.0.1/x' }, /^DATABASE_URL is not an address that can be used(?!.*secret)/],
  [{ REDIS_URL: 'localhost:6379' }, /^REDIS_URL is not an address that can be used/],
  [{ BASE_URL: 'https://tcp.example.org/class' }, /^BASE_URL=\S+ has a path/],
])('%o', (env: Record<string, string>, line) => {
  const read = () => readConfig(env)
  expect(read).toThrow(ConfigError)
  expect(read).toThrow(line)
})

it.each([
  [
    { DATABASE_URL: 'postgresql://who:secret@127.0.0.1:1/x' },
    /^The database at 127\.0\.0\.1:1 cannot be reached(?!.*secret).*DATABASE_URL/,
  ],
  [{ DATA_DIR: '/dev/null/data' }, /^The data directory \/dev\/null\/data cannot be made .+ Set DATA_DIR to another one\.$/],
])('%o: the database cannot be opened', async (env: Record<string, string>, line) => {
  const opening = openDatabase(readConfig(env))
  await expect(opening).rejects.toThrow(DatabaseError)
  await expect(opening).rejects.toThrow(line)
})
