/**
 * The class is the flood: one listener, and every participant is a client of it. The state of this activity, and the effects that it is
 * folded from.
 */
import type { SegmentDraft } from '../../round/model/action.ts'
import { hasBit, type Segment, SYN } from '../../segment.ts'
import type { State, Tcb } from '../../tcp/tcb.ts'
import type { TcpRuleSetName } from '../../tcp/rules.ts'

export type FloodAction =
  /** A participant's host comes into the room. */
  | { readonly kind: 'enter' }
  /** A host sends a segment as its participant composes it, in textbook notation: x is its own initial number, y the server's. */
  | { readonly kind: 'send'; readonly segment: SegmentDraft; readonly state: State }
  /** A host sends the segment that its TCP has to send now. */
  | { readonly kind: 'send-due' }
  /** The teacher lets as much time pass as a half-open connection is kept. */
  | { readonly kind: 'pass-time' }
  /** The teacher opens a scene. `scene`: index in `FLOOD_SCENES`. */
  | { readonly kind: 'open-scene'; readonly scene: number }

/** A scene: the rules that all hosts keep to, and whether the server answers with SYN cookies (RFC 4987 3.6). */
export interface FloodScene {
  readonly id: 'three-way' | 'two-way' | 'cookies'
  readonly rules: TcpRuleSetName
  readonly cookies: boolean
}

export const FLOOD_SCENES: readonly FloodScene[] = [
  { id: 'three-way', rules: 'rfc-9293', cookies: false },
  { id: 'two-way', rules: 'two-way-handshake', cookies: false },
  { id: 'cookies', rules: 'rfc-9293', cookies: true },
]

/** What does not change during an activity. */
export interface FloodSetup {
  /** Seed of all sequence numbers and addresses, and the key of the cookies. */
  readonly seed: number
  /** World ms for which a half-open connection is kept. */
  readonly halfOpenMs: number
}

/**
 * What has become of a host's latest SYN: `idle` none has been sent, `dropped` the backlog was full, `vanished` it was answered, at an
 * address that nobody has, `answered` the SYN,ACK has arrived, `connected` the server is in ESTABLISHED too, `reset` a RST has come.
 */
export type Fate = 'idle' | 'dropped' | 'vanished' | 'answered' | 'connected' | 'reset'

/** The host of a participant. */
export interface FloodHost {
  /** The participant's id. */
  readonly id: string
  /** Counts the hosts from 1, in the order in which they have come. */
  readonly number: number
  /** Sends its SYNs from addresses that it makes up, so that it never receives what they are answered with. */
  readonly vanishes: boolean
  /** Where its latest SYN claims to come from. */
  readonly address: string
  /** The TCB of its latest connection; null before its first SYN of the scene. */
  readonly tcb: Tcb | null
  /** How many connections it has asked for in this scene. */
  readonly asked: number
  readonly fate: Fate
  /** The segment that has arrived last. */
  readonly heard: Segment | null
}

/** A connection of the server. `expires`: world ms; null once it is established. */
export interface FloodConnection {
  /** `FloodHost.number` of the other side. */
  readonly host: number
  readonly address: string
  readonly tcb: Tcb
  readonly expires: number | null
}

export type FloodEffect =
  | { readonly kind: 'entered'; readonly host: FloodHost }
  /** A scene opens: its server knows nobody yet. `backlog`: how many half-open connections it keeps. */
  | { readonly kind: 'opened'; readonly scene: number; readonly backlog: number }
  | { readonly kind: 'host'; readonly number: number; readonly set: Partial<FloodHost> }
  /** A segment of a host is under way to the server. */
  | { readonly kind: 'sent'; readonly number: number; readonly address: string; readonly segment: Segment }
  /** The server answers. */
  | { readonly kind: 'replied'; readonly address: string; readonly segment: Segment }
  /** `backlog`: the server had no place. `vanished`: sent to an address that nobody has. */
  | { readonly kind: 'lost'; readonly number: number; readonly address: string; readonly why: 'backlog' | 'vanished' }
  /** The server keeps this connection, in place of the one with the same address. */
  | { readonly kind: 'kept'; readonly connection: FloodConnection }
  /** The half-open connections with these addresses have expired. */
  | { readonly kind: 'expired'; readonly addresses: readonly string[] }
  | { readonly kind: 'clock'; readonly now: number }

/** Something that has happened at the server, for the list on the projector. */
export interface FloodNews {
  readonly address: string
  readonly what: 'refused' | 'vanished' | 'connected'
  /** Whether the host meant it. */
  readonly honest: boolean
}

export interface FloodWorld {
  readonly setup: FloodSetup
  /** Index in `FLOOD_SCENES`. */
  readonly scene: number
  readonly backlog: number
  /** World ms since the scene opened. It stands while segments travel. */
  readonly clock: number
  /** In the order of their numbers. */
  readonly hosts: readonly FloodHost[]
  /** Oldest first. */
  readonly connections: readonly FloodConnection[]
  /** SYNs that the server has received in this scene, those among them for which it had no place, and SYN,ACKs to nobody. */
  readonly counts: { readonly syns: number; readonly dropped: number; readonly refusedHonest: number; readonly unheard: number }
  /** Oldest first, at most `MAX_NEWS`. */
  readonly news: readonly FloodNews[]
}

const MAX_NEWS = 6
/** The smallest backlog that a scene can have; also that of the first scene, which opens before anybody is there. */
export const MIN_BACKLOG = 2

const NO_COUNTS: FloodWorld['counts'] = { syns: 0, dropped: 0, refusedHonest: 0, unheard: 0 }

/** The world before the first entry. */
export const beginFlood = (setup: FloodSetup): FloodWorld => ({
  setup,
  scene: 0,
  backlog: MIN_BACKLOG,
  clock: 0,
  hosts: [],
  connections: [],
  counts: NO_COUNTS,
  news: [],
})

export const sceneOfFlood = (world: FloodWorld): FloodScene => FLOOD_SCENES[world.scene]!

export function applyFloodEffect(world: FloodWorld, effect: FloodEffect): FloodWorld {
  switch (effect.kind) {
    case 'entered':
      return { ...world, hosts: [...world.hosts, effect.host] }
    case 'opened':
      return {
        ...beginFlood(world.setup),
        scene: effect.scene,
        backlog: effect.backlog,
        hosts: world.hosts.map((host) => ({ ...host, tcb: null, asked: 0, fate: 'idle', heard: null })),
      }
    case 'host':
      return changeHost(world, effect.number, effect.set)
    case 'sent': {
      const { counts } = world
      return hasBit(effect.segment.bits, SYN) ? { ...world, counts: { ...counts, syns: counts.syns + 1 } } : world
    }
    case 'replied':
      return world
    case 'lost': {
      const honest = world.hosts[effect.number - 1]?.vanishes === false
      const { dropped, refusedHonest, unheard } = world.counts
      const counts =
        effect.why === 'backlog'
          ? { dropped: dropped + 1, refusedHonest: refusedHonest + (honest ? 1 : 0) }
          : { unheard: unheard + 1 }
      const what = effect.why === 'backlog' ? 'refused' : 'vanished'
      return tell({ ...world, counts: { ...world.counts, ...counts } }, { address: effect.address, what, honest })
    }
    case 'kept': {
      const { connection } = effect
      const others = world.connections.filter(({ address }) => address !== connection.address)
      return { ...world, connections: [...others, connection] }
    }
    case 'expired':
      return { ...world, connections: world.connections.filter(({ address }) => !effect.addresses.includes(address)) }
    case 'clock':
      return { ...world, clock: effect.now }
  }
}

function changeHost(world: FloodWorld, number: number, set: Partial<FloodHost>): FloodWorld {
  const before = world.hosts[number - 1]
  if (!before) throw new Error(`the flood has no host ${number}`)
  const changed = { ...world, hosts: world.hosts.map((host) => (host === before ? { ...before, ...set } : host)) }
  if (set.fate !== 'connected' || before.fate === 'connected') return changed
  return tell(changed, { address: set.address ?? before.address, what: 'connected', honest: !before.vanishes })
}

const tell = (world: FloodWorld, news: FloodNews): FloodWorld => ({ ...world, news: [...world.news, news].slice(-MAX_NEWS) })
