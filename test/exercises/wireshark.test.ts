/** The capture of a round, as Wireshark sees it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { TLS_TOOLS } from '../../exercises/tls.ts'
import { drawScript } from '../../protocol/world/draw.ts'
import { captureOf } from '../../protocol/world/packets.ts'
import { rehearse } from '../../protocol/world/rehearse.ts'
import { seeded } from '../../protocol/world/seeded.ts'
import { tshark } from '../../scripts/lib/programs.mjs'
import { judgeAll } from '../support/capture.ts'

const SEEDS = [1, 2, 3]
const exercises = loadExercises('exercises').every()
const rounds = exercises.flatMap((exercise) =>
  SEEDS.map((seed) => {
    const script = drawScript(exercise, 'guided', seeded(seed))
    return {
      name: `${exercise.id}, seed ${seed}`,
      script,
      ...rehearse(script, { client: 'exact', server: 'piggybacking' }, TLS_TOOLS),
    }
  }),
)
/** Those that play by the RFCs' own rules. */
const ofTcp = rounds.filter(({ script }) =>
  script.scenes.every(({ rules, tls }) => rules === 'rfc-9293' && (!tls || tls.rules === 'tls')),
)

describe.skipIf(!tshark)('Wireshark', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'handshake-rounds-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(rounds)('finds nothing malformed and no bad checksum in $name', { timeout: 60_000 }, ({ entries }) => {
    const path = join(folder, 'round.pcapng')
    writeFileSync(path, captureOf(entries))
    const checks = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE']
    const run = (...args: string[]) =>
      execFileSync(tshark!, ['-r', path, ...checks, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const sent = entries.flatMap(({ effects }) => effects.filter(({ is }) => is === 'left')).length
    const good = run('-T', 'fields', '-e', 'tcp.checksum.status').trim().split('\n').filter(Boolean)
    expect(good.every((status) => status === '1')).toBe(true)
    expect(good.length).toBeGreaterThanOrEqual(sent)
    expect(run('-q', '-z', 'expert')).not.toMatch(/Errors \(|Malformed|Bad checksum/)
    const said = entries.flatMap(({ effects }) =>
      effects.flatMap((e) => (e.is === 'wrote' && e.text ? [e.text.split('\r\n', 1)[0]!] : [])),
    )
    const read = run('-Y', 'http', '-T', 'fields', '-e', '_ws.col.Info').trim().split('\n').filter(Boolean)
    expect(read.map((line, i) => line.startsWith(said[i] ?? '?'))).toEqual(said.map(() => true))
  })
})

describe('handshake judge', () => {
  test.each(ofTcp)('accepts every segment of $name', ({ entries }) => {
    const { judged } = judgeAll(captureOf(entries))
    expect(judged.filter(({ verdict }) => verdict === 'violation')).toEqual([])
  })
})
