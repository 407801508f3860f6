/** Judging stored rounds again: nothing differs for what this version has judged, and what differs of earlier ones is listed. */
import { expect, it, onTestFinished } from 'vitest'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import { foldEntries } from '../../protocol/round/fold/reducer.ts'
import { hasChanged, regrade } from '../../protocol/round/play/regrade.ts'
import { SEATS } from '../../protocol/seat.ts'
import { runCommand } from '../../server/commands.ts'
import { storedDatabase } from '../stored/database.ts'
import { readLog } from '../support/database.ts'
import { exercises } from '../support/exercises.ts'
import { RoundFixture } from '../support/round-fixture.ts'

/** A handshake in which the server errs, leaves for a while, and the teacher moves on. */
function played(): RoundFixture {
  const fixture = new RoundFixture(exercises.get('handshake')!).play(({ hosts }) => hosts.server.received.includes('SYN'))
  for (const ack of ['x', 'x', 'x+2']) fixture.send('server', 'SA', 'y', ack, 'SYN-RECEIVED')
  fixture.act('server', { kind: 'hint' })
  fixture.control({ kind: 'control', control: 'takeover', seat: 'server' })
  fixture.play(({ hosts }) => hosts.server.sent.SYN === 1)
  fixture.control({ kind: 'control', control: 'return', seat: 'server' })
  fixture.control({ kind: 'control', control: 'end', why: 'moved-on' })
  return fixture
}

it('gives what was stored, for a round that this version has judged', () => {
  const { entries, world } = played()
  const again = regrade(entries, TLS_TOOLS)
  expect(again.verdicts).toEqual([])
  for (const seat of SEATS) expect(again.scores[seat]).toEqual({ was: computeScore(world, seat), now: computeScore(world, seat) })
})

it('shows the points that an earlier version took for the same draft sent again', () => {
  const { entries } = played()
  const repeated = entries.findIndex(({ verdict }) => verdict.reason === 'same-again')
  const charged = { kind: 'charged', seat: 'server', milestone: 'acknowledges', eighths: 2 } as const
  const earlier = entries.map((entry, i) => (i === repeated ? { ...entry, effects: [charged] } : entry))
  const again = regrade(earlier, TLS_TOOLS)
  expect(again.scores.server.now).toEqual(computeScore(foldEntries(entries)!, 'server'))
})

it('takes every stored round of version 0.1.0, and `handshake regrade all` lists those that differ', async () => {
  const database = await storedDatabase()
  onTestFinished(() => database.stop())
  const all = await readLog(database.url)
  const rounds = new Map<string, typeof all>()
  for (const entry of all) rounds.set(entry.roundId, [...(rounds.get(entry.roundId) ?? []), entry])
  const results = new Map([...rounds].map(([id, entries]) => [id, regrade(entries, TLS_TOOLS)]))
  for (const [id, { scores }] of results)
    for (const seat of SEATS) expect(scores[seat].was, id).toEqual(computeScore(foldEntries(rounds.get(id)!)!, seat))
  const differing = [...results].filter(([, result]) => hasChanged(result)).map(([id]) => id)
  expect(differing.length).toBeGreaterThan(0)
  expect(differing.length).toBeLessThan(rounds.size)

  let out = ''
  const code = await runCommand('regrade', ['all'], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (out += text) },
    env: { DATABASE_URL: database.url },
  })
  expect(code).toBe(0)
  expect(out).toContain(`${differing.length} of ${rounds.size} rounds come out differently by engine`)
  expect([...out.matchAll(/^round (\S+) /gm)].map(([, id]) => id).sort()).toEqual(differing.sort())
})
