/**
 * Exports a round as a packet capture: the segments that its hosts sent, and those that the wire delivered without a host having sent them,
 * as packets with real bytes and world times.
 */
import type { Seat } from '../../seat.ts'
import { concat, fromHex, encodeUtf8 } from '../../octets.ts'
import type { Segment } from '../../segment.ts'
import { formatKeyLog } from '../../tls/watch/key-log.ts'
import { LINKTYPE_RAW, OPTION_MSS } from '../../wire/decode-packet.ts'
import { encodeIp, type SocketAddress } from '../../wire/encode-packet.ts'
import { encodePcapngHeader, encodePcapngPacket, encodePcapngSecrets } from '../../wire/encode-pcapng.ts'
import type { Entry } from '../model/entry.ts'
import type { ScriptScene } from '../model/script.ts'
import { octetsAtClient, streamOffsetOf } from '../fold/application-stream.ts'
import { sceneOf } from '../fold/current-scene.ts'
import { readTimeline, type Timeline } from '../fold/timeline.ts'
import type { InFlightSegment, World } from '../model/world.ts'

/** 2026-01-01T00:00:00Z in seconds since 1970: the date that captures give to world time 0. */
const EPOCH_SECONDS = 1_767_225_600

const HOST_ADDRESSES: { readonly [S in Seat]: Uint8Array } = {
  client: Uint8Array.of(192, 0, 2, 1),
  server: Uint8Array.of(192, 0, 2, 2),
}
/** The server's port, by protocol. */
const SERVER_PORTS = { https: 443, http: 80, any: 9293 } as const
/** The client's port in the first scene. Each scene is a separate connection and uses the next port. */
const FIRST_CLIENT_PORT = 49_152

interface TimedPacket {
  /** World ms. */
  readonly at: number
  readonly bytes: Uint8Array
}

/**
 * The round's capture as a pcapng file. Segments are captured when they leave their host; copies and injected segments, when they arrive.
 * `secrets`: include the TLS secrets, so that a reader of the file can decrypt.
 */
export function exportCapture(entries: readonly Entry[], { secrets = true }: { secrets?: boolean } = {}): Uint8Array {
  const { packets, keys } = collectPackets(entries)
  packets.sort((a, b) => a.at - b.at)
  return concat(
    encodePcapngHeader(LINKTYPE_RAW),
    ...(secrets && keys.length > 0 ? [encodePcapngSecrets(encodeUtf8(keys.map((line) => `${line}\n`).join('')))] : []),
    ...packets.map(({ at, bytes }) => encodePcapngPacket(EPOCH_SECONDS + at / 1000, bytes)),
  )
}

/** The packets in the order of the log. `keys`: lines of a TLS key log. */
function collectPackets(entries: readonly Entry[]): { packets: TimedPacket[]; keys: string[] } {
  const packets: TimedPacket[] = []
  const timeline = readTimeline(entries)
  for (const { kind, effect, flight, after } of timeline.flatMap(({ moments }) => moments))
    if (kind === 'left' || (kind === 'arrived' && isFromWire(flight)))
      packets.push({ at: effect.at, bytes: encodePacket(flight, after, packets.length) })
  return { packets, keys: collectKeys(timeline) }
}

/** Whether no host has sent the segment. Such a segment is captured when it arrives. */
const isFromWire = ({ as, copyOf }: InFlightSegment): boolean => as !== undefined || copyOf !== undefined

/** Key log lines with the TLS secrets of all scenes, each as they are when the scene ends. */
function collectKeys(timeline: Timeline): string[] {
  const ended = timeline.flatMap(({ moments }) => moments.flatMap(({ kind, before }) => (kind === 'scene' ? [before] : [])))
  const last = timeline.at(-1)?.after
  return [...ended, ...(last ? [last] : [])].flatMap(({ hosts }) =>
    hosts.client.tls ? formatKeyLog(hosts.client.tls.endpoint) : [],
  )
}

function encodePacket({ from, segment, stranger }: InFlightSegment, world: World, id: number): Uint8Array {
  const scene = sceneOf(world)
  const place = world.sceneIndex
  const client: SocketAddress =
    stranger === undefined ? { address: HOST_ADDRESSES.client, port: FIRST_CLIENT_PORT + place } : strangerEndpoint(stranger)
  const server: SocketAddress = { address: HOST_ADDRESSES.server, port: serverPortOf(scene) }
  const payload = payloadOf(segment, octetsAtClient(world, from), streamOffsetOf(scene, from, segment))
  const [source, target] = from === 'client' ? [client, server] : [server, client]
  return encodeIp(source, target, segment, { payload, id, options: encodeMss(segment) })
}

/** The option in which a SYN announces its MSS (RFC 9293 3.2). */
const encodeMss = ({ options }: Segment): Uint8Array =>
  options?.mss === undefined ? new Uint8Array(0) : Uint8Array.of(OPTION_MSS, 4, options.mss >> 8, options.mss & 0xff)

const serverPortOf = ({ http, tls }: ScriptScene): number =>
  tls ? SERVER_PORTS.https : http ? SERVER_PORTS.http : SERVER_PORTS.any

/** A stranger's address and port. A name that is no IPv4 address is mapped to an address in 203.0.113.0/24 (RFC 5737). */
function strangerEndpoint(name: string): SocketAddress {
  const parts = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) ? name.split('.').map(Number) : []
  const sum = [...name].reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 16_000, 7)
  const valid = parts.length === 4 && parts.every((part) => part < 256)
  return { address: Uint8Array.from(valid ? parts : [203, 0, 113, 1 + (sum % 254)]), port: FIRST_CLIENT_PORT + sum }
}

/**
 * The octets at a segment's sequence numbers, so that a retransmission carries the same ones. `at`: offset in the sender's stream.
 * Where the scene does not define the octets, filler text is used.
 */
function payloadOf({ length }: Segment, stream: string, at: number): Uint8Array {
  const written = fromHex(stream.slice(2 * at, 2 * (at + length)))
  return Uint8Array.from({ length }, (_, i) => written[i] ?? FILLER_TEXT.charCodeAt((at + i) % FILLER_TEXT.length))
}

const FILLER_TEXT = 'abcdefghijklmnopqrstuvwxyz '
