/** OpenSSL's captures (test/captures/make-tls.sh) as records that a test can change and turn into a capture again. */
import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { nodeCrypto } from '../../crypto/node-crypto.ts'
import { StreamReassembler } from '../../protocol/capture/stream-reassembler.ts'
import type { KeySource } from '../../protocol/capture/tls-decryptor.ts'
import { hasBit, SYN } from '../../protocol/segment.ts'
import { KeyLog } from '../../protocol/tls/watch/key-log.ts'
import { concat } from '../../protocol/octets.ts'
import { readRecord } from '../../protocol/tls/format/records.ts'
import { type Seat, SEATS } from '../../protocol/seat.ts'
import { CaptureReader } from '../../protocol/wire/capture-reader.ts'
import { TcpPacket } from '../../protocol/wire/decode-packet.ts'
import { captureOf, type Line, line } from './capture.ts'

const FOLDER = new URL('../captures/tls/', import.meta.url)

export const TLS_CAPTURES: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.pcapng.gz'))
  .map((file) => file.replace('.pcapng.gz', ''))

export const tlsCapture = (name: string): Uint8Array => gunzipSync(readFileSync(new URL(`${name}.pcapng.gz`, FOLDER)))
/** The file with the key log of a capture. */
export const keyLogOf = (name: string): URL => new URL(`${name}.keys`, FOLDER)

export function secretsOf(name: string): KeySource {
  const log = new KeyLog()
  log.read(readFileSync(keyLogOf(name), 'latin1'))
  return { crypto: nodeCrypto, log }
}

/** A record with its header, or any other octets that a side sends at once. */
export interface Sent {
  readonly from: Seat
  readonly octets: Uint8Array
}

/** The records of the capture's first connection, in the order of the capture. */
export function recordsIn(name: string): Sent[] {
  const tcp = new TcpPacket()
  const streams = { client: new StreamReassembler(), server: new StreamReassembler() }
  const left: Record<Seat, Uint8Array> = { client: new Uint8Array(0), server: new Uint8Array(0) }
  const records: Sent[] = []
  let client: number | null = null
  const reader = new CaptureReader({
    packet(packet) {
      if (tcp.read(packet) !== 'tcp') return
      client ??= tcp.sourcePort
      const from = tcp.sourcePort === client ? 'client' : 'server'
      if (from === 'server' && tcp.destinationPort !== client) return
      if (hasBit(tcp.bits, SYN)) streams[from].begin((tcp.seq + 1) >>> 0)
      const payload = packet.bytes.subarray(tcp.payload, tcp.payload + tcp.length)
      for (const octets of tcp.length > 0 ? streams[from].take(tcp.seq, payload, true) : []) {
        left[from] = concat(left[from], octets)
        for (let read = readRecord(left[from], 0); read.kind === 'record'; read = readRecord(left[from], 0)) {
          records.push({ from, octets: left[from].slice(0, read.next) })
          left[from] = left[from].slice(read.next)
        }
      }
    },
  })
  reader.feed(tlsCapture(name))
  return records
}

/** A connection in which these octets are sent, in segments of at most `most` octets, each acknowledged. It is not closed. */
export function conversationOf(sent: readonly Sent[], most = 1400): Line[] {
  const at: Record<Seat, number> = { client: 1, server: 1 }
  const lines = ['client SYN 0 - 0', 'server SYN,ACK 0 1 0', 'client ACK 1 1 0'].map((text) => line(text))
  for (const { from, octets } of sent) {
    const to = SEATS.find((role) => role !== from)!
    for (let begin = 0; begin < octets.length; begin += most) {
      const payload = octets.subarray(begin, begin + most)
      const { segment } = line(`${from} PSH,ACK ${at[from]} ${at[to]} ${payload.length}`)
      lines.push({ from, segment, payload })
      at[from] += payload.length
      lines.push(line(`${to} ACK ${at[to]} ${at[from]} 0`))
    }
  }
  return lines
}

/** The records as a pcapng file. */
export const captureOfTls = (sent: readonly Sent[], most?: number): Uint8Array => captureOf(conversationOf(sent, most))
