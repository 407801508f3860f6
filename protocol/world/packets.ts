/** A round as a capture: what its hosts sent, and what came out of the wire that no host sent, as packets with real bytes and world times. */
import { fromHex } from '../octets.ts'
import type { Segment } from '../segment.ts'
import { LINKTYPE_RAW } from '../wire/decode.ts'
import { encodeIp, type Endpoint } from '../wire/encode.ts'
import { pcapngHeader, pcapngPacket } from '../wire/write-pcapng.ts'
import type { Entry } from './action.ts'
import { peerOf, type Seat } from './exercise.ts'
import type { Scene, Script } from './script.ts'
import { offsetOf } from './stream.ts'

/** 2026-01-01T00:00:00Z, in seconds since 1970: when every world's clock stands at zero. */
const EPOCH = 1_767_225_600

const HOSTS: { readonly [S in Seat]: Uint8Array } = { client: Uint8Array.of(192, 0, 2, 1), server: Uint8Array.of(192, 0, 2, 2) }
/** Of a server that speaks HTTP, and of any other. */
const HTTP_PORT = 80
const SERVER_PORT = 9293
/** Of the first scene; each scene is a connection of its own. */
const CLIENT_PORT = 49_152

interface Packet {
  /** World ms. */
  readonly at: number
  readonly bytes: Uint8Array
}

/** The round's capture as pcapng. Taken where segments leave; copies and strays are captured where they arrive. */
export function captureOf(entries: readonly Entry[]): Uint8Array {
  const packets = packetsOf(entries).sort((a, b) => a.at - b.at)
  const blocks = [pcapngHeader(LINKTYPE_RAW), ...packets.map(({ at, bytes }) => pcapngPacket(EPOCH + at / 1000, bytes))]
  const file = new Uint8Array(blocks.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  for (const block of blocks) {
    file.set(block, end)
    end += block.length
  }
  return file
}

function packetsOf(entries: readonly Entry[]): Packet[] {
  const packets: Packet[] = []
  let script: Script | null = null
  let scene = 0
  /** What the wire itself has brought forth: it is in the capture once it arrives. */
  const strays = new Map<number, Flight>()
  const flights = new Map<number, Flight>()
  /** What the hosts have written in the scene: hexadecimal octets. */
  let streams = { client: '', server: '' }
  const capture = (flight: Flight, at: number) => {
    const drawn = script?.scenes[scene]
    if (drawn) packets.push({ at, bytes: packetOf(flight, streams[flight.from], drawn, scene, packets.length) })
  }
  for (const { effects } of entries)
    for (const effect of effects)
      switch (effect.is) {
        case 'begun':
          script = effect.script
          break
        case 'scene':
          scene = effect.scene
          streams = { client: '', server: '' }
          break
        case 'wrote':
          streams = { ...streams, [effect.seat]: streams[effect.seat] + effect.octets }
          break
        case 'left':
          flights.set(effect.id, effect)
          capture(effect, effect.at)
          break
        case 'injected':
          strays.set(effect.id, { ...effect, from: peerOf(effect.to) })
          break
        case 'copied': {
          const original = flights.get(effect.of) ?? strays.get(effect.of)
          if (original) strays.set(effect.id, original)
          break
        }
        case 'arrived': {
          const stray = strays.get(effect.id)
          if (stray) capture(stray, effect.at)
          break
        }
        default:
      }
  return packets
}

interface Flight {
  readonly from: Seat
  readonly segment: Segment
  readonly stranger?: string
}

function packetOf({ from, segment, stranger }: Flight, stream: string, scene: Scene, place: number, id: number): Uint8Array {
  const client: Endpoint = stranger === undefined ? { address: HOSTS.client, port: CLIENT_PORT + place } : strange(stranger)
  const server: Endpoint = { address: HOSTS.server, port: scene.http ? HTTP_PORT : SERVER_PORT }
  const payload = octets(segment, stream, offsetOf(scene, from, segment))
  return from === 'client' ? encodeIp(client, server, segment, { payload, id }) : encodeIp(server, client, segment, { payload, id })
}

/** A stranger's name as an address where it is one, else one made from it (RFC 5737's third block). */
function strange(name: string): Endpoint {
  const parts = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) ? name.split('.').map(Number) : []
  const sum = [...name].reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 16_000, 7)
  const valid = parts.length === 4 && parts.every((part) => part < 256)
  return { address: Uint8Array.from(valid ? parts : [203, 0, 113, 1 + (sum % 254)]), port: CLIENT_PORT + sum }
}

/** The octets that stand at these sequence numbers, the same ones in a retransmission; letters, where the application's are of no account. */
function octets({ length }: Segment, stream: string, at: number): Uint8Array {
  const written = fromHex(stream.slice(2 * at, 2 * (at + length)))
  return Uint8Array.from({ length }, (_, i) => written[i] ?? LETTERS.charCodeAt((at + i) % LETTERS.length))
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz '
