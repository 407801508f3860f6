/** `handshake judge`: reads a capture as a stream, judges every TCP segment and prints the verdicts. */
import { createReadStream, readFileSync } from 'node:fs'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setFlagsFromString } from 'node:v8'
import { createGunzip } from 'node:zlib'
import { nodeCrypto } from '../crypto/node-crypto.ts'
import { ConnectionTracker, type JudgedSegment } from '../protocol/capture/connection-tracker.ts'
import { KeyLog } from '../protocol/tls/watch/key-log.ts'
import { CaptureReader } from '../protocol/wire/capture-reader.ts'
import { CaptureError } from '../protocol/wire/capture-format.ts'
import { TLS_KEY_LOG } from '../protocol/wire/encode-pcapng.ts'
import { formatJsonLine } from './format-json.ts'
import type { Streams } from './streams.ts'
import { formatJudgedSegment, formatSummary } from './format-text.ts'
import { FLAG, parseOptionsOf, TEXT } from './options.ts'

interface JudgeOptions {
  /** `-`: standard input. */
  readonly file: string
  readonly format: 'text' | 'jsonl'
  readonly quiet: boolean
  /** An NSS key log file with TLS secrets, in addition to those in the capture; null if none is given. */
  readonly keyLog: string | null
}

/** The command line, for help and error messages. */
export const USAGE = 'handshake judge FILE.pcap[ng]|- [--keylog FILE] [--format text|jsonl] [--quiet]'

/** Judges a capture. Exit status: 0 no violations, 1 violations, 2 the file cannot be read or the arguments are wrong. */
export async function runJudge(args: readonly string[], streams: Streams): Promise<0 | 1 | 2> {
  const { stdout, stderr } = streams
  if (args.includes('--help')) {
    stdout.write(`${USAGE}\n`)
    return 0
  }
  const options = parseOptions(args)
  if (typeof options === 'string') {
    stderr.write(`handshake judge: ${options} Usage: ${USAGE}\n`)
    return 2
  }
  // Of a capture with many connections most memory is soon garbage: it is collected before the heap has grown to several times what is in use.
  setFlagsFromString('--heap-growing-percent=60')
  const { file, format, quiet } = options
  const log = new KeyLog()
  if (options.keyLog !== null) {
    const problem = readKeyLog(options.keyLog, log)
    if (problem !== null) {
      stderr.write(`handshake judge: cannot read ${options.keyLog}: ${problem}\n`)
      return 2
    }
  }
  const colour = stdout.isTTY === true && !streams.env['NO_COLOR']
  let output = ''
  const print = (judged: JudgedSegment) => {
    if (quiet && judged.verdict === 'ok') return
    output += format === 'jsonl' ? formatJsonLine(judged) : formatJudgedSegment(judged, { colour, headings: !quiet })
  }
  const tracker = new ConnectionTracker(print, { crypto: nodeCrypto, log })
  const reader = new CaptureReader({
    packet: (packet) => tracker.take(packet),
    dropped: (packets) => tracker.noteDropped(packets),
    secrets(type, bytes) {
      if (type === TLS_KEY_LOG) log.read(new TextDecoder('latin1').decode(bytes))
    },
  })
  /** Writes the pending output. False once the reader has closed the pipe. */
  const flush = async (): Promise<boolean> => {
    const text = output
    output = ''
    if (text !== '' && !stdout.write(text) && !stdout.destroyed) await Promise.race([once(stdout, 'drain'), once(stdout, 'close')])
    return !stdout.destroyed
  }
  // A reader such as `| head` may close the pipe early: that is not a failure.
  stdout.on('error', () => stdout.destroy())

  let problem: string | null = null
  try {
    for await (const chunk of readOctets(file, streams.stdin)) {
      reader.feed(chunk)
      if (!(await flush())) break
    }
    if (!stdout.destroyed) reader.end()
    const { packets, skipped } = tracker.counts
    if (packets > 0 && skipped.link === packets) problem = 'none of its link types is understood'
  } catch (error) {
    problem = explainError(error)
  }
  tracker.end()
  await flush()
  // With jsonl, standard output contains JSON only, so the summary goes to standard error, unless an error goes there.
  const summary = formatSummary(tracker.counts, { colour: colour && format === 'text' })
  if (format === 'text' && !stdout.destroyed && (problem === null || tracker.counts.packets > 0)) stdout.write(summary)
  if (format === 'jsonl' && problem === null) stderr.write(summary)
  if (problem === null) return tracker.counts.violations > 0 ? 1 : 0
  stderr.write(`handshake judge: cannot read ${file === '-' ? 'standard input' : file}: ${problem}\n`)
  return 2
}

/** The options; or a message that says what is wrong with the arguments. */
function parseOptions(args: readonly string[]): JudgeOptions | string {
  const parsed = parseOptionsOf(args, { format: TEXT, keylog: TEXT, quiet: FLAG })
  if (typeof parsed === 'string') return parsed
  const { values, positionals } = parsed
  const { format = 'text', keylog: keyLog = null, quiet = false } = values
  const [file, ...more] = positionals
  if (file === undefined) return 'which file?'
  if (more.length > 0) return `one file at a time, not ${positionals.length}.`
  if (format !== 'text' && format !== 'jsonl') return '--format takes text or jsonl.'
  return { file, format, quiet, keyLog }
}

/** Adds the secrets of a key log file to `log`. Returns a message if the file cannot be used, otherwise null. */
function readKeyLog(file: string, log: KeyLog): string | null {
  try {
    const text = readFileSync(file, 'latin1')
    log.read(text)
    return log.size === 0 && /^[^#\s]/m.test(text) ? 'it holds no secret of TLS 1.2 or 1.3 in the format of NSS' : null
  } catch (error) {
    return explainError(error)
  }
}

/** The octets of a file, decompressed if it is gzipped. `-`: standard input. */
async function* readOctets(file: string, stdin: Readable): AsyncGenerator<Uint8Array> {
  const source = file === '-' ? stdin : createReadStream(file, { highWaterMark: 1 << 18 })
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let head = Buffer.alloc(0)
  while (head.length < 2) {
    const next = await chunks.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  const whole = async function* () {
    yield head
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
  }
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* whole()
    return
  }
  const decompressed = createGunzip({ chunkSize: 1 << 18 })
  const finished = pipeline(whole, decompressed)
  finished.catch(() => {}) // The error surfaces in the loop that reads the chunks.
  yield* decompressed as AsyncIterable<Buffer>
  await finished
}

/** A failure to read, in one line. Throws errors that are bugs again. */
function explainError(error: unknown): string {
  if (error instanceof CaptureError) return error.message
  if (!(error instanceof Error)) throw error
  const { code } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ENOENT':
      return 'there is no such file'
    case 'EACCES':
      return 'no permission to read it'
    case 'EISDIR':
      return 'it is a directory'
    case 'Z_BUF_ERROR':
      return 'the gzipped data ends too early'
    case 'Z_DATA_ERROR':
      return `the gzipped data is broken: ${error.message}`
    case undefined:
      throw error
    default:
      return error.message
  }
}
