/** Checks with Wireshark the captures of rounds. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { exportCapture } from '../../protocol/round/export/capture-file.ts'
import { playThrough } from '../../protocol/round/play/play-through.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { tshark } from '../../scripts/lib/programs.mjs'
import { judgeAll } from '../support/capture.ts'
import { seeds } from '../support/volume.ts'

const exercises = loadExercises('exercises').all()
const rounds = exercises.flatMap((exercise) =>
  seeds('capturedRounds').map((seed) => {
    const script = instantiateExercise(exercise, 'guided', seededRandom(seed))
    const { entries } = playThrough(script, { client: 'exact', server: 'piggybacking' }, TLS_TOOLS)
    return { name: `${exercise.id}, seed ${seed}`, script, entries, capture: exportCapture(entries) }
  }),
)
/**
 * The rounds that the judge of captures can judge: without counterfactual rules, which it does not know, and without forged
 * segments, which look in the capture as if their host had sent them.
 */
const ofTcp = rounds.filter(({ script }) =>
  script.scenes.every(
    ({ rules, tls, injections }) =>
      rules === 'rfc-9293' && (!tls || tls.rules === 'tls') && !injections.some((injected) => injected.as === 'forged'),
  ),
)

interface Row {
  /** Wireshark's number for the checksum status; 1 is "Good". */
  readonly checksum: string
  readonly expert: string
  readonly protocols: readonly string[]
  readonly info: string
}

const FIELDS = ['tcp.checksum.status', '_ws.expert', 'frame.protocols', '_ws.col.Info']

/** tshark's fields for each packet of a capture. */
function packets(path: string): Row[] {
  const checks = ['tcp.check_checksum:TRUE', 'ip.check_checksum:TRUE'].flatMap((preference) => ['-o', preference])
  const fields = FIELDS.flatMap((field) => ['-e', field])
  const said = execFileSync(tshark!, ['-r', path, ...checks, '-T', 'fields', ...fields], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return said
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [checksum = '', expert = '', protocols = '', info = ''] = line.split('\t')
      return { checksum, expert, protocols: protocols.split(':'), info }
    })
}

describe.skipIf(!tshark)('Wireshark', () => {
  const read = new Map<string, readonly Row[]>()
  /**
   * Starting tshark takes longer than reading, so rounds are put into one file as sections of pcapng. All rounds use the same
   * addresses, so a round with a protocol above TCP has a file to itself; otherwise tshark could reassemble segments of two
   * rounds.
   */
  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'handshake-rounds-'))
    const path = join(folder, 'rounds.pcapng')
    const alone = rounds.filter(({ script }) => script.scenes.some(({ http, tls }) => http ?? tls))
    for (const file of [rounds.filter((round) => !alone.includes(round)), ...alone.map((round) => [round])]) {
      writeFileSync(path, Buffer.concat(file.map(({ capture }) => capture)))
      const rows = packets(path)
      for (const { name, capture } of file) read.set(name, rows.splice(0, judgeAll(capture).judged.length))
      expect(rows).toEqual([])
    }
    rmSync(folder, { recursive: true })
  }, 120_000)

  test.each(rounds)('finds nothing malformed and no bad checksum in $name', ({ name, entries }) => {
    const rows = read.get(name) ?? []
    const sent = entries.flatMap(({ effects }) => effects.filter(({ kind }) => kind === 'left')).length
    expect(rows.length).toBeGreaterThanOrEqual(sent)
    for (const row of rows) {
      expect(row).toMatchObject({ checksum: '1' })
      expect(row.protocols).not.toContain('_ws.malformed')
      expect(row.expert).not.toMatch(/Error|Malformed|checksum/)
    }
    const said = entries.flatMap(({ effects }) =>
      effects.flatMap((e) => (e.kind === 'wrote' && e.text ? [e.text.split('\r\n', 1)[0]!] : [])),
    )
    const heard = rows.filter(({ protocols }) => protocols.includes('http'))
    expect(heard.map(({ info }, i) => info.startsWith(said[i] ?? '?'))).toEqual(said.map(() => true))
  })
})

describe('handshake judge', () => {
  test.each(ofTcp)('accepts every segment of $name', ({ capture }) => {
    const { judged } = judgeAll(capture)
    expect(judged.filter(({ verdict }) => verdict === 'violation')).toEqual([])
  })
})
