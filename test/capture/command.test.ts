/** `handshake judge` as a command: its output on each stream, and its exit status. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Readable, Writable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { runJudge } from '../../cli/judge.ts'
import { LINKTYPE_ETHERNET } from '../../protocol/wire/decode-packet.ts'
import { encodePcapngHeader, encodePcapngSecrets } from '../../protocol/wire/encode-pcapng.ts'
import { captureOf, concat, PLAIN } from '../support/capture.ts'
import { captureOfTls, keyLogOf, recordsIn, tlsCapture } from '../support/tls.ts'

const folder = mkdtempSync(join(tmpdir(), 'handshake-judge-'))
afterAll(() => rmSync(folder, { recursive: true }))

class Sink extends Writable {
  text = ''
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

async function run(args: readonly string[], stdin: Uint8Array = new Uint8Array(0)) {
  const stdout = new Sink()
  const stderr = new Sink()
  const status = await runJudge(args, { stdin: Readable.from([Buffer.from(stdin)]), stdout, stderr, env: {} })
  return { status, out: stdout.text, err: stderr.text }
}

function saved(name: string, file: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, file)
  return path
}

const WRONG = captureOf([...PLAIN.slice(0, 2), 'client ACK 1 0 0', ...PLAIN.slice(2)])

describe('handshake judge', () => {
  it('prints one JSON object a segment, its fields in the order that is documented', async () => {
    const { status, out } = await run([saved('wrong.pcapng', WRONG), '--format', 'jsonl'])
    expect(status).toBe(1)
    expect(out.split('\n').slice(1, 3)).toEqual([
      '{"frame":2,"connection":0,"from":"server","flags":["SYN","ACK"],"seq":0,"ack":1,"len":0,"verdict":"ok","meaning":"opens","state":{"client":"ESTABLISHED","server":"SYN-RECEIVED"},"findings":[]}',
      '{"frame":3,"connection":0,"from":"client","flags":["ACK"],"seq":1,"ack":0,"len":0,"verdict":"violation","meaning":null,"state":{"client":"ESTABLISHED","server":"SYN-RECEIVED"},"findings":[{"field":"ack","given":0,"want":1,"rule":"RFC 9293 3.10.7.4","misconception":"syn-consumes-one"}]}',
    ])
    expect(out.trimEnd().split('\n')).toHaveLength(PLAIN.length + 1)
  })

  it('says it in words, with a summary, and without colour where nobody looks', async () => {
    const { out } = await run([saved('wrong.pcapng', WRONG)])
    expect(out).toContain('connection 0: 192.0.2.1:40000 (client), 192.0.2.2:80 (server)\n')
    expect(out).toContain('ack is 0, expected 1 (RFC 9293 3.10.7.4, syn-consumes-one)\n')
    expect(out).toMatch(/12 packets, 12 TCP segments, 1 connection: 1 violation\n$/)
    expect(out).not.toContain('\u001b')
  })

  it('--quiet prints the violations and the summary', async () => {
    expect((await run([saved('wrong.pcapng', WRONG), '--quiet'])).out.split('\n')).toHaveLength(4)
    const plain = await run([saved('plain.pcapng', captureOf(PLAIN)), '--quiet'])
    expect(plain).toEqual({ status: 0, out: '11 packets, 11 TCP segments, 1 connection: no violation\n', err: '' })
  })

  it('marks what only a segment explains that the capture lacks, and refuses what nothing explains', async () => {
    const [gap, miscounted] = ['client PSH,ACK 1001 1 100', 'client PSH,ACK 2 1 100']
    const opened = PLAIN.slice(0, 3)
    const lines = async (last: string) =>
      (await run([saved('gap.pcapng', captureOf([...opened, last])), '--format', 'jsonl'])).out.trim().split('\n')
    expect(JSON.parse((await lines(gap)).at(-1)!)).toMatchObject({ verdict: 'ok', meaning: 'sends', lacking: true })
    expect((await lines(gap)).slice(0, 3).join()).not.toContain('lacking')
    expect(JSON.parse((await lines(miscounted)).at(-1)!)).toMatchObject({ verdict: 'violation', findings: [{ field: 'seq' }] })
  })

  it('says what was lost while the capture was made, and takes a gap after it for that', async () => {
    const header = encodePcapngHeader(LINKTYPE_ETHERNET)
    const losing = (packets: number) => {
      const statistics = new DataView(new ArrayBuffer(36))
      const fields = {
        type: [0, 5],
        length: [4, 36],
        option: [20, 0x0005_0008],
        dropped: [28, packets],
        lengthAgain: [32, 36],
      } as const
      for (const [at, value] of Object.values(fields)) statistics.setUint32(at, value)
      const beyond = captureOf(['client ACK 1 501 0']).subarray(header.length)
      return concat([captureOf(PLAIN.slice(0, 3)), new Uint8Array(statistics.buffer), beyond])
    }
    expect((await run(['-', '--quiet'], losing(0))).out).toMatch(/: 1 violation\n$/)
    expect((await run(['-', '--quiet'], losing(7))).out).toMatch(
      /: no violation\n7 packets lost while the capture was made, as it says: a violation may be one of them\n$/,
    )
  })

  it('says how it is used', async () => {
    expect(await run(['--help'])).toMatchObject({ status: 0, out: expect.stringMatching(/^handshake judge FILE/) as string })
  })

  it('reads standard input, and what is gzipped', async () => {
    expect((await run(['-', '--quiet'], captureOf(PLAIN))).status).toBe(0)
    expect((await run(['-', '--quiet'], gzipSync(WRONG))).status).toBe(1)
  })

  describe('--keylog', () => {
    const flight = '"tls":["Server Hello","Encrypted Extensions","Certificate","Certificate Verify","Finished"]'
    const keys = fileURLToPath(keyLogOf('1.3'))

    it('names what is encrypted, in JSON and in words', async () => {
      expect((await run(['-', '--format', 'jsonl'], tlsCapture('1.3'))).out).toContain('"tls":["Server Hello"],"findings":[]}')
      expect((await run(['-', '--format', 'jsonl', '--keylog', keys], tlsCapture('1.3'))).out).toContain(flight)
      expect((await run(['-', '--keylog', keys], tlsCapture('1.3'))).out).toContain('  Server Hello, Encrypted Extensions, ')
    })

    it('is not needed where the capture holds its secrets', async () => {
      const capture = captureOfTls(recordsIn('1.3'))
      const header = encodePcapngHeader(LINKTYPE_ETHERNET)
      const embedded = concat([header, encodePcapngSecrets(readFileSync(keys)), capture.subarray(header.length)])
      expect((await run(['-', '--format', 'jsonl'], capture)).out).not.toContain('Encrypted Extensions')
      // Each record of the flight comes in a separate segment.
      expect((await run(['-', '--format', 'jsonl'], embedded)).out).toContain('"tls":["Encrypted Extensions"]')
    })
  })

  it.each<readonly [string, string[], Uint8Array, RegExp]>([
    ['no file', [], new Uint8Array(0), /which file\? Usage/],
    ['no such file', [join(folder, 'nowhere.pcap')], new Uint8Array(0), /there is no such file/],
    ['a directory', [folder], new Uint8Array(0), /it is a directory/],
    ['an option that is not there', ['-', '--loud'], new Uint8Array(0), /there is no option --loud/],
    ['no such key log', ['-', '--keylog', join(folder, 'nowhere.log')], new Uint8Array(0), /nowhere.log: there is no such file/],
    ['no key log', ['-', '--keylog', fileURLToPath(import.meta.url)], new Uint8Array(0), /it holds no secret of TLS/],
    ['a format that is not there', ['-', '--format', 'xml'], new Uint8Array(0), /--format takes text or jsonl/],
    ['nothing', ['-'], new Uint8Array(0), /the file is empty/],
    ['no capture', ['-'], new TextEncoder().encode('hello, world'), /neither pcap nor pcapng/],
    ['gzip that ends too early', ['-'], gzipSync(WRONG).subarray(0, 100), /gzipped data ends too early/],
  ])('exits with 2 and one line: %s', async (_what, args, stdin, why) => {
    const { status, err, out } = await run(args, stdin)
    expect(status).toBe(2)
    expect(err).toMatch(why)
    expect(err.trimEnd()).not.toContain('\n')
    expect(out).toBe('')
  })

  it('what was judged before a cut stays printed', async () => {
    const { status, err, out } = await run(['-', '--format', 'jsonl'], captureOf(PLAIN).subarray(0, -10))
    expect(status).toBe(2)
    expect(err).toMatch(/^handshake judge: cannot read standard input: at octet \d+, after 10 packets: .*\n$/)
    expect(out.trimEnd().split('\n')).toHaveLength(10)
  })
})
