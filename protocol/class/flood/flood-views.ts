/** What the participants and the projector are shown of the flood. */
import { formatNumber } from '../../notation.ts'
import type { Reason } from '../../round/model/verdict.ts'
import type { State } from '../../tcp/states.ts'
import { addressOf, notationOfHost, reasonNotToSend, tcbOfHost } from './judge-flood.ts'
import { type Fate, type FloodNews, type FloodScene, type FloodWorld, sceneOfFlood } from './flood-world.ts'

/** What a participant sees of their own host. */
export interface FloodPhoneView {
  readonly scene: FloodScene['id']
  readonly number: number
  readonly vanishes: boolean
  /** Where the latest SYN claimed to come from, or the next one will. */
  readonly address: string
  readonly state: State
  readonly fate: Fate
  /** How many connections the host has asked for in this scene. */
  readonly asked: number
  /** Why it can send nothing now; null if it can. */
  readonly reason: Reason | null
  /** The bound names, with their absolute numbers. */
  readonly names: { readonly [name: string]: number }
  /** What has arrived last, in these names. */
  readonly heard: {
    readonly bits: number
    readonly seq: string
    readonly ack: string | null
    readonly length: number
    readonly window: number
  } | null
  readonly backlog: { readonly taken: number; readonly places: number }
}

/** What the projector shows: addresses and counts, never who has them. */
export interface FloodScreenView {
  readonly scene: FloodScene['id']
  readonly backlog: number
  /** World ms for which a half-open connection is kept. */
  readonly halfOpenMs: number
  /** Oldest first. `leftMs`: world ms until it expires. */
  readonly halfOpen: readonly { readonly address: string; readonly leftMs: number }[]
  /** Connections of the server in ESTABLISHED, with hosts that are there and with nobody. */
  readonly connections: { readonly honest: number; readonly nobody: number }
  /** Octets of receive buffer that are committed to connections with nobody. */
  readonly committedOctets: number
  readonly counts: FloodWorld['counts']
  /** Latest last. */
  readonly news: readonly FloodNews[]
  /** The fate of each host, in the order of their numbers. */
  readonly hosts: readonly { readonly fate: Fate; readonly vanishes: boolean }[]
}

export function viewFloodFor(world: FloodWorld, participant: string): FloodPhoneView | null {
  const host = world.hosts.find(({ id }) => id === participant)
  if (!host) return null
  const notation = notationOfHost(world, host)
  const { number, vanishes, fate, asked, heard } = host
  return {
    scene: sceneOfFlood(world).id,
    number,
    vanishes,
    address: asked === 0 ? addressOf(world, host) : host.address,
    state: (host.tcb ?? tcbOfHost(world, host)).state,
    fate,
    asked,
    reason: reasonNotToSend(world, host),
    names: Object.fromEntries(Object.entries(notation.names).map(([name, { value }]) => [name, value])),
    heard: heard && {
      bits: heard.bits,
      seq: formatNumber(heard.seq, notation, 'seq', 'server'),
      ack: heard.ack === null ? null : formatNumber(heard.ack, notation, 'ack', 'server'),
      length: heard.length,
      window: heard.window,
    },
    backlog: { taken: halfOpenOf(world).length, places: world.backlog },
  }
}

export function viewFloodForScreen(world: FloodWorld): FloodScreenView {
  const established = world.connections.filter(({ tcb }) => tcb.state === 'ESTABLISHED')
  const nobodys = established.filter(({ host }) => world.hosts[host - 1]?.vanishes)
  return {
    scene: sceneOfFlood(world).id,
    backlog: world.backlog,
    halfOpenMs: world.setup.halfOpenMs,
    halfOpen: halfOpenOf(world).map(({ address, expires }) => ({ address, leftMs: (expires ?? world.clock) - world.clock })),
    connections: { honest: established.length - nobodys.length, nobody: nobodys.length },
    committedOctets: nobodys.reduce((sum, { tcb }) => sum + tcb.rcv.buff, 0),
    counts: world.counts,
    news: world.news,
    hosts: world.hosts.map(({ fate, vanishes }) => ({ fate, vanishes })),
  }
}

const halfOpenOf = ({ connections }: FloodWorld) => connections.filter(({ tcb }) => tcb.state === 'SYN-RECEIVED')
