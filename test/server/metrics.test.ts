import { afterEach, expect, test } from 'vitest'
import { ConfigError, readConfig } from '../../server/base/config.ts'
import { LISTENS, OPENS, SENDS_SYN, handshakeScript } from '../support/handshake.ts'
import { arrived, ROUND, sit, startNode, type TestNode } from '../support/pair.ts'

const TOKEN = 'a-token-for-prometheus'
let node: TestNode
afterEach(() => node.close())

const ask = (token?: string) =>
  fetch(`${node.url}/metrics`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })

test('GET /metrics: acts by outcome, latencies, sockets and rounds, and nothing that names anybody', async () => {
  node = await startNode({ metricsToken: TOKEN })
  await node.rounds.start(ROUND, handshakeScript())
  const [ann, bob] = await Promise.all([sit(node, 'client'), sit(node, 'server')])
  await bob.act(LISTENS)
  await ann.act(OPENS)
  await ann.act(SENDS_SYN)
  await bob.until(arrived)

  const answer = await ask(TOKEN)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=/)
  const text = await answer.text()
  const lines = text.split('\n').filter((line) => /^handshake_(acts|\w+_count|sockets|live)/.test(line))
  expect(lines).toEqual(
    expect.arrayContaining([
      'handshake_acts_total{actor="system",outcome="accepted"} 1',
      'handshake_acts_total{actor="client",outcome="accepted"} 2',
      'handshake_acts_total{actor="server",outcome="accepted"} 1',
      'handshake_judge_seconds_count 4',
      'handshake_log_seconds_count 4',
      'handshake_delivery_seconds_count 4',
      'handshake_sockets 2',
      'handshake_live_rounds 1',
    ]),
  )
  expect(text).toContain('nodejs_eventloop_lag_seconds')
  expect(text).toContain('process_resident_memory_bytes')
  expect(text).not.toContain(ROUND)
})

test('GET /metrics answers nobody without METRICS_TOKEN, and whoever cannot show it is not told whether it would be right', async () => {
  node = await startNode({ metricsToken: TOKEN })
  expect((await ask()).status).toBe(401)
  expect((await ask(`${TOKEN}x`)).status).toBe(401)
  await node.close()
  node = await startNode()
  expect((await ask(TOKEN)).status).toBe(404)
})

test('METRICS_TOKEN is long enough that nobody guesses it, and not repeated where it is refused', async () => {
  node = await startNode()
  expect(() => readConfig({ METRICS_TOKEN: 'short' })).toThrow(
    new ConfigError('METRICS_TOKEN must be 16 or more printable ASCII characters without spaces.'),
  )
})
