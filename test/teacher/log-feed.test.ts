/** The log that a teacher follows, on a connection that loses messages and breaks. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ErrorCode } from '../../contract/errors.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { RETRY_AFTER_MS } from '../../client/src/lib/socket.ts'
import { LogFeed } from '../../client/src/teacher/feed/log-feed.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A server whose log has `length` entries, of which an answer has at most two. */
function start(length: number) {
  const server = { length, connected: true, asked: [] as number[], error: null as ErrorCode | null, silent: false }
  const indexes: number[][] = []
  const failures: string[] = []
  const entry = (index: number) => ({ index }) as Entry
  const feed = new LogFeed({
    isConnected: () => server.connected,
    async request(from) {
      server.asked.push(from)
      if (server.silent) return new Promise(() => {})
      if (server.error) return { ok: false, error: server.error }
      const end = Math.min(from + 2, server.length)
      const entries = Array.from({ length: end - from }, (_, i) => entry(from + i))
      return { ok: true, entries, ...(end < server.length ? { more: true } : {}) }
    },
    onEntries: (entries) => indexes.push(entries.map(({ index }) => index)),
    onFailure: ({ error }) => failures.push(error),
  })
  return { server, feed, failures, entry, shown: () => indexes.at(-1), pages: indexes }
}

it('is complete after the last page, and shown after each', async () => {
  const { server, feed, pages } = start(5)
  await feed.load()
  expect(pages).toEqual([
    [0, 1],
    [0, 1, 2, 3],
    [0, 1, 2, 3, 4],
  ])
  expect(server.asked).toEqual([0, 2, 4])
})

it('takes the next entry as it comes, and asks for those that are missing before it', async () => {
  const { server, feed, entry, shown } = start(2)
  await feed.load()
  feed.receive(entry(2))
  feed.receive(entry(2))
  feed.receive(entry(1))
  expect(shown()).toEqual([0, 1, 2])
  server.length = 7
  feed.receive(entry(5))
  feed.receive(entry(6))
  await vi.advanceTimersByTimeAsync(0)
  expect(shown()).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(server.asked).toEqual([0, 3, 5])
})

it('asks for what came between the last page and the entry that is sent while it is on its way', async () => {
  const { server, feed, entry, shown } = start(2)
  const loading = feed.load()
  server.length = 4
  feed.receive(entry(3))
  await loading
  expect(shown()).toEqual([0, 1, 2, 3])
})

it.each(['unavailable', 'too-many'] as const)('asks again after a while where the answer is %s', async (error) => {
  const { server, feed, shown, failures } = start(3)
  server.error = error
  await feed.load()
  server.error = null
  await vi.advanceTimersByTimeAsync(RETRY_AFTER_MS)
  expect(shown()).toEqual([0, 1, 2])
  expect(failures).toEqual([])
})

it('says why where the server refuses it, and does not ask again', async () => {
  const { server, feed, failures } = start(3)
  server.error = 'forbidden'
  await feed.load()
  await vi.advanceTimersByTimeAsync(RETRY_AFTER_MS)
  expect(failures).toEqual(['forbidden'])
  expect(server.asked).toEqual([0])
})

it('goes on where it was on the next connection, and asks nothing once it is closed', async () => {
  const { server, feed, shown } = start(2)
  await feed.load()
  server.silent = true
  server.length = 4
  void feed.load()
  feed.interrupt()
  server.silent = false
  await feed.load()
  expect(shown()).toEqual([0, 1, 2, 3])
  feed.close()
  await feed.load()
  expect(server.asked).toEqual([0, 2, 2])
})
