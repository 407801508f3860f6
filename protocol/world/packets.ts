/** A round as a capture: what its hosts sent, and what came out of the wire that no host sent, as packets with real bytes and world times. */
import { concat, unhex, utf8 } from '../octets.ts'
import type { Segment } from '../segment.ts'
import { keyLog } from '../tls/key-log.ts'
import { LINKTYPE_RAW } from '../wire/decode.ts'
import { encodeIp, type Endpoint } from '../wire/encode.ts'
import { pcapngHeader, pcapngPacket, pcapngSecrets } from '../wire/write-pcapng.ts'
import type { Entry } from './action.ts'
import { applyEffect } from './apply.ts'
import { peerOf, type Seat } from './exercise.ts'
import type { Scene } from './script.ts'
import { offsetOf } from './stream.ts'
import { sceneOf, type World } from './world.ts'

/** 2026-01-01T00:00:00Z, in seconds since 1970: when every world's clock stands at zero. */
const EPOCH = 1_767_225_600

const HOSTS: { readonly [S in Seat]: Uint8Array } = { client: Uint8Array.of(192, 0, 2, 1), server: Uint8Array.of(192, 0, 2, 2) }
/** Of a server, by what it speaks. */
const PORT = { https: 443, http: 80, any: 9293 } as const
/** Of the first scene; each scene is a connection of its own. */
const CLIENT_PORT = 49_152

interface Packet {
  /** World ms. */
  readonly at: number
  readonly bytes: Uint8Array
}

/**
 * The round's capture as pcapng. Taken where segments leave; copies and strays are captured where they arrive. `secrets`: those of TLS stand in
 * it, so that whoever reads it can decrypt.
 */
export function captureOf(entries: readonly Entry[], { secrets = true }: { secrets?: boolean } = {}): Uint8Array {
  const { packets, keys } = packetsOf(entries)
  packets.sort((a, b) => a.at - b.at)
  return concat(
    pcapngHeader(LINKTYPE_RAW),
    ...(secrets && keys.length > 0 ? [pcapngSecrets(utf8(keys.map((line) => `${line}\n`).join('')))] : []),
    ...packets.map(({ at, bytes }) => pcapngPacket(EPOCH + at / 1000, bytes)),
  )
}

/** `keys`: lines of a key log. */
function packetsOf(entries: readonly Entry[]): { packets: Packet[]; keys: string[] } {
  const packets: Packet[] = []
  const keys: string[] = []
  let world: World | null = null
  /** What the wire itself has brought forth: it is in the capture once it arrives. */
  const strays = new Map<number, Flight>()
  const flights = new Map<number, Flight>()
  const capture = (flight: Flight, at: number) => {
    if (world) packets.push({ at, bytes: packetOf(flight, world, packets.length) })
  }
  const remember = () => {
    const end = world?.hosts.client.tls
    if (end) keys.push(...keyLog(end.endpoint))
  }
  for (const { effects } of entries)
    for (const effect of effects) {
      if (effect.is === 'scene') remember()
      world = applyEffect(world, effect)
      switch (effect.is) {
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
    }
  remember()
  return { packets, keys }
}

interface Flight {
  readonly from: Seat
  readonly segment: Segment
  readonly stranger?: string
}

function packetOf({ from, segment, stranger }: Flight, world: World, id: number): Uint8Array {
  const scene = sceneOf(world)
  const place = world.scene
  const client: Endpoint = stranger === undefined ? { address: HOSTS.client, port: CLIENT_PORT + place } : strange(stranger)
  const server: Endpoint = { address: HOSTS.server, port: portOf(scene) }
  const payload = octets(segment, world.hosts[from].stream, offsetOf(scene, from, segment))
  return from === 'client' ? encodeIp(client, server, segment, { payload, id }) : encodeIp(server, client, segment, { payload, id })
}

const portOf = ({ http, tls }: Scene): number => (tls ? PORT.https : http ? PORT.http : PORT.any)

/** A stranger's name as an address where it is one, else one made from it (RFC 5737's third block). */
function strange(name: string): Endpoint {
  const parts = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) ? name.split('.').map(Number) : []
  const sum = [...name].reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 16_000, 7)
  const valid = parts.length === 4 && parts.every((part) => part < 256)
  return { address: Uint8Array.from(valid ? parts : [203, 0, 113, 1 + (sum % 254)]), port: CLIENT_PORT + sum }
}

/** The octets that stand at these sequence numbers, the same ones in a retransmission; letters, where the application's are of no account. */
function octets({ length }: Segment, stream: string, at: number): Uint8Array {
  const written = unhex(stream.slice(2 * at, 2 * (at + length)))
  return Uint8Array.from({ length }, (_, i) => written[i] ?? LETTERS.charCodeAt((at + i) % LETTERS.length))
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz '
