/** Measures `handshake judge --quiet` on a large capture, beside `tshark -q -z expert` on the same file: time of the processor and peak memory. */
import { spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LINKTYPE_ETHERNET } from '../../protocol/wire/decode-packet.ts'
import { encodeEthernet } from '../../protocol/wire/encode-packet.ts'
import { encodePcapngHeader, encodePcapngPacket } from '../../protocol/wire/encode-pcapng.ts'
import { tshark } from '../../scripts/lib/programs.mjs'
import { ROOT } from '../../server/base/root.ts'
import { type Line, line, packetOf } from '../support/capture.ts'

export interface Options {
  readonly times: number
  readonly segments: number
}

interface Run {
  /** Seconds of the processor, where the system reports them; otherwise seconds that have passed. */
  readonly took: number
  /** Peak memory in octets; null if the system does not report it. */
  readonly peak: number | null
}

/**
 * Exchanges of data in a connection, of four segments each. tshark takes longer for each segment the longer a connection is, so
 * the ratio depends on the shape of the file.
 */
const SHAPES = [20, 2_000]

/** What must hold however a capture is made: seconds and octets. */
const MAX_REVERSED_SECONDS = 2
const MAX_SCAN_OCTETS = 300e6

export async function benchJudge({ times, segments }: Options): Promise<void> {
  // The first start builds what has changed.
  await run(process.execPath, [join(ROOT, 'scripts/handshake.mjs'), 'judge', '--help'])
  for (const exchanges of SHAPES) {
    const said = conversation(exchanges)
    await benchCapture(`${said.length} segments a connection`, times, segments, (i) => said[i % said.length]!, said.length)
  }
  const reversed = await benchCapture(
    'one connection of one-octet segments in reverse order',
    times,
    250_004,
    reverseOrder,
    Infinity,
  )
  console.log(`at most ${MAX_REVERSED_SECONDS} s: ${reversed.took <= MAX_REVERSED_SECONDS ? 'holds' : 'DOES NOT HOLD'}`)
  const scan = await benchCapture('a scan, one SYN a connection', times, 200_000, () => 'client SYN 0 - 0', 1)
  console.log(`at most ${MAX_SCAN_OCTETS / 1e6} MB: ${(scan.peak ?? 0) <= MAX_SCAN_OCTETS ? 'holds' : 'DOES NOT HOLD'}`)
}

const REVERSED = 250_000
/** Both sides offer window scaling, so that all of the text is inside the window. */
const reverseOrder = (i: number): string =>
  ['client SYN 0 - 0', 'server SYN,ACK 0 1 0', 'client ACK 1 1 0', 'server ACK 1 1 0'][i] ?? `client ACK ${REVERSED + 4 - i} 1 1`

/** Measures one kind of capture. `textOf`: the line of each segment. `each`: the number of segments of a connection. */
async function benchCapture(
  what: string,
  times: number,
  segments: number,
  textOf: (i: number) => string,
  each: number,
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'handshake-bench-'))
  try {
    const file = join(folder, 'large.pcapng')
    const written = await writeCapture(file, segments, textOf, each)
    console.log(`\n${what}: ${written} segments; ${times} runs each, in turn; medians`)
    const judge: Run[] = []
    const wireshark: Run[] = []
    for (let i = 0; i < times; i++) {
      judge.push(await run(process.execPath, [join(ROOT, 'scripts/handshake.mjs'), 'judge', '--quiet', file]))
      if (tshark) wireshark.push(await run(tshark, ['-r', file, '-q', '-z', 'expert']))
    }
    console.log('what                        seconds   peak MB   of tshark')
    const reference = tshark ? median(wireshark, ({ took }) => took) : null
    report('handshake judge --quiet', judge, reference)
    if (reference !== null) report('tshark -q -z expert', wireshark, reference)
    else console.log('tshark is missing, and with it the reference: apt-get install tshark')
    return { took: median(judge, ({ took }) => took), peak: median(judge, ({ peak }) => peak ?? NaN) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function report(what: string, runs: readonly Run[], reference: number | null): void {
  const took = median(runs, (run) => run.took)
  const peak = median(runs, (run) => (run.peak ?? NaN) / 1e6)
  const ratio = reference === null ? '–' : (took / reference).toFixed(3)
  console.log(`${what.padEnd(26)} ${took.toFixed(2).padStart(8)} ${peak.toFixed(0).padStart(9)} ${ratio.padStart(11)}`)
}

const median = (runs: readonly Run[], of: (run: Run) => number): number =>
  runs.map(of).sort((a, b) => a - b)[Math.floor(runs.length / 2)] ?? NaN

/** Runs a process until it ends, and samples its memory meanwhile. */
async function run(program: string, args: readonly string[]): Promise<Run> {
  const began = performance.now()
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const used: { peak: number | null; processor: number | null } = { peak: null, processor: null }
  const look = () => {
    try {
      // utime and stime are the 12th and 13th field after the name, in hundredths of a second (proc(5)).
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
      used.processor = (Number(fields[11]) + Number(fields[12])) / 100
      const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? []
      if (kilobytes !== undefined) used.peak = Number(kilobytes) * 1024
    } catch {
      // The process has ended, or this system has no such file.
    }
  }
  const looking = setInterval(look, 20)
  const [code] = (await once(child, 'exit')) as [number | null]
  clearInterval(looking)
  if (code !== 0) throw new Error(`${program} ended with ${code}`)
  return { took: used.processor ?? (performance.now() - began) / 1000, peak: used.peak }
}

/** The window scale option, with a shift of 7. */
const WINDOW_SCALE = Uint8Array.of(1, 3, 3, 7)

/** Writes a capture of consecutive connections, each from its own port and complete. Returns the number of segments. */
async function writeCapture(path: string, segments: number, textOf: (i: number) => string, each: number): Promise<number> {
  const file = createWriteStream(path)
  file.write(encodePcapngHeader(LINKTYPE_ETHERNET))
  const known = new Map<string, Line>()
  let written = 0
  for (; written < segments || (each < Infinity && written % each !== 0); written++) {
    const connection = Math.floor(written / each)
    const client = {
      address: Uint8Array.of(10, 1 + (connection >> 22), (connection >> 14) & 255, 1),
      port: 1024 + (connection & 16_383),
    }
    const text = textOf(written)
    const said = known.get(text) ?? line(text, text.includes('SYN') ? WINDOW_SCALE : undefined)
    if (each < Infinity) known.set(text, said)
    const packet = encodePcapngPacket(1_700_000_000 + written / 1000, encodeEthernet(packetOf(said, client)))
    if (!file.write(packet)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'finish')
  return written
}

/** The lines of one connection, in the format of `line`. */
function conversation(exchanges: number): string[] {
  const said = ['client SYN 0 - 0', 'server SYN,ACK 0 1 0', 'client ACK 1 1 0']
  let [c, s] = [1, 1]
  for (let i = 0; i < exchanges; i++) {
    said.push(`client PSH,ACK ${c} ${s} 100`, `server ACK ${s} ${(c += 100)} 0`)
    said.push(`server PSH,ACK ${s} ${c} 400`, `client ACK ${c} ${(s += 400)} 0`)
  }
  return [...said, `client FIN,ACK ${c} ${s} 0`, `server FIN,ACK ${s} ${c + 1} 0`, `client ACK ${c + 1} ${s + 1} 0`]
}
