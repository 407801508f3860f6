/**
 * Captures of the kernel with one field of one segment changed. Each changed segment must be refused because of that field, or be
 * legal under another rule, which LEGAL names: then the capture does not distinguish the change from legal behaviour.
 */
import type { Seat } from '../../protocol/seat.ts'
import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { CapturedConnection, type SegmentJudgement } from '../../protocol/capture/captured-connection.ts'
import { ACK, bitNames, FIN, hasBit, RST, type Segment, SYN } from '../../protocol/segment.ts'
import { add } from '../../protocol/seq.ts'
import { CaptureReader } from '../../protocol/wire/capture-reader.ts'
import { TcpPacket } from '../../protocol/wire/decode-packet.ts'

interface Captured {
  readonly from: Seat
  readonly segment: Segment
  readonly windowScale: number
  readonly digest: number
}

const folder = new URL('../captures/', import.meta.url)
const captures = readdirSync(folder)
  .filter((name) => name.endsWith('.pcapng.gz'))
  .map((name) => ({ name: name.replace('.pcapng.gz', ''), said: read(gunzipSync(readFileSync(new URL(name, folder)))) }))

/** The segments of the capture's first connection. */
function read(file: Uint8Array): Captured[] {
  const tcp = new TcpPacket()
  const said: Captured[] = []
  let client: number | null = null
  let server: number | null = null
  const reader = new CaptureReader({
    packet(packet) {
      if (tcp.read(packet) !== 'tcp') return
      client ??= tcp.sourcePort
      server ??= tcp.destinationPort
      const from = tcp.sourcePort === client && tcp.destinationPort === server ? 'client' : 'server'
      if (from === 'server' && (tcp.sourcePort !== server || tcp.destinationPort !== client)) return
      const { bits, seq, ack, window, length, windowScale, digest } = tcp
      said.push({ from, segment: { bits, seq, ack, window, length }, windowScale, digest })
    },
  })
  reader.feed(file)
  reader.end()
  return said
}

/**
 * How the judge judges the last segment after following those before it. A new connection from the same ports is recognized as
 * such.
 */
function judged(said: readonly Captured[]): SegmentJudgement {
  let connection: CapturedConnection | null = null
  let last: SegmentJudgement | null = null
  for (const { from, segment, windowScale, digest } of said) {
    if (!connection) connection = new CapturedConnection(from, segment, null)
    else if (hasBit(segment.bits, SYN) && !hasBit(segment.bits, ACK | RST) && connection.isReplacedBy(from, segment))
      connection = new CapturedConnection(from, segment, { connection, from })
    last = connection.judge(from, { segment, windowScale, digest, position: -1 }).judgement
  }
  return last!
}

type Field = 'flags' | 'seq' | 'ack'
interface Mutation {
  readonly field: Field
  readonly what: string
  readonly segment: Segment
}

function* mutations(segment: Segment): Generator<Mutation> {
  const { bits, seq, ack } = segment
  for (const bit of [SYN, ACK, FIN, RST]) {
    const changed = bits ^ bit
    yield {
      field: 'flags',
      what: bitNames(changed) || '–',
      segment: { ...segment, bits: changed, ack: hasBit(changed, ACK) ? (ack ?? 0) : null },
    }
  }
  for (const by of [1, -1, 1000, -1000, 2 ** 31])
    yield { field: 'seq', what: `seq ${by}`, segment: { ...segment, seq: add(seq, by) } }
  if (ack === null) return
  for (const by of [1, -1, 1000, -1000, 2 ** 31])
    yield { field: 'ack', what: `ack ${by}`, segment: { ...segment, ack: add(ack, by) } }
}

/**
 * What a changed segment may legally be, by the field that was changed and its new meaning, and why no judge can detect the
 * change.
 */
const LEGAL: { readonly [change: string]: string } = {
  'flags opens':
    'a SYN may open either way: with ACK the SYN before it was not captured, without it both open at once (RFC 9293 3.5)',
  'seq opens': 'any initial sequence number is as good as another (RFC 9293 3.4.1)',
  'flags closes': 'an application may close whenever it likes (RFC 9293 3.10.4)',
  'flags resets':
    'an application may abort whenever it likes (RFC 9293 3.10.5), and a RST needs no ACK bit where nothing was acknowledged',
  'flags duplicates': 'an ACK may be sent at any time',
  'flags acknowledges': 'an application need not close with its last acknowledgment',
  'flags retransmits': 'a SYN may be sent again with its ACK or without',
  'flags keeps-alive': 'an empty ACK at SND.NXT-1 is a keep-alive',
  'flags sends': 'an application need not close with its last octets',
  'seq keeps-alive': 'an empty segment at SND.NXT-1 is a keep-alive or a probe (RFC 9293 3.8.4)',
  'seq duplicates': 'a keep-alive at SND.NXT-1, moved on, is an ACK',
  'seq retransmits': 'retransmitted in other pieces (RFC 9293 3.8.1)',
  'seq closes': 'the same, up to the FIN',
  'seq resets': 'a RST takes the number of what came last, or SND.NXT',
  'ack acknowledges': 'what was captured may have arrived in part only when this left (RFC 9293 3.8.6.3)',
  'ack duplicates': 'the same',
  'ack sends': 'the same',
  'ack closes': 'the same',
  'ack retransmits': 'the same',
}

describe.each(captures)('$name', ({ said }) => {
  it('a change of one field is refused on that field, or is legal by another name', () => {
    const counts = { refused: 0, legal: 0, lacking: 0 }
    const unexplained: string[] = []
    for (const [at, captured] of said.entries()) {
      for (const { field, what, segment } of mutations(captured.segment)) {
        const { verdict, findings, meaning, assumesLoss } = judged([...said.slice(0, at), { ...captured, segment }])
        const where = `segment ${at + 1} (${captured.from} ${bitNames(captured.segment.bits)}) with ${what}`
        if (verdict === 'ok') {
          if (assumesLoss) counts.lacking++
          else counts.legal++
          if (!assumesLoss && !LEGAL[`${field} ${meaning}`]) unexplained.push(`${where}: ${meaning}`)
        } else {
          counts.refused++
          // A single finding on another field is accepted: the changed segment is then equally close to another legal one.
          const fields = findings.map((finding) => finding.field)
          if (!fields.includes(field) && fields.length > 1) unexplained.push(`${where}: refused on ${fields.join()}`)
        }
      }
    }
    expect(unexplained).toEqual([])
    expect(counts.refused, JSON.stringify(counts)).toBeGreaterThan(2 * counts.legal)
  })
})
