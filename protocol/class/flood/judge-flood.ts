/**
 * The judge of the flood. Hosts and server are TCBs of the engine: it says which segments they may send, what arrives, and when a backlog is
 * full. What is decided here is only which of them meet.
 */
import { parseNumber, type NotationContext } from '../../notation.ts'
import type { SegmentDraft } from '../../round/model/action.ts'
import type { Reason, Verdict } from '../../round/model/verdict.ts'
import { seededRandom } from '../../round/setup/random.ts'
import { hasBit, RST, SYN, type Segment } from '../../segment.ts'
import { add } from '../../seq.ts'
import { nextSegment } from '../../tcp/due-segment.ts'
import { answerInListen, isBacklogFull } from '../../tcp/listener.ts'
import { maySend } from '../../tcp/may-send.ts'
import { getTcpRules, type TcpRules } from '../../tcp/rules.ts'
import { processArrival } from '../../tcp/segment-arrives.ts'
import { createTcb, type State, type Tcb } from '../../tcp/tcb.ts'
import { processTimeout } from '../../tcp/timeouts.ts'
import { processCall } from '../../tcp/user-calls.ts'
import { type ActivityActor, type ActivityJudgement, TEACHER } from '../activity.ts'
import type { CookieOf } from './syn-cookies.ts'
import {
  applyFloodEffect,
  type Fate,
  FLOOD_SCENES,
  type FloodAction,
  type FloodConnection,
  type FloodEffect,
  type FloodHost,
  type FloodWorld,
  MIN_BACKLOG,
  sceneOfFlood,
} from './flood-world.ts'

type Judgement = ActivityJudgement<FloodEffect>

/** Of so many hosts in a row, one is honest: the one with this remainder, so that a class of three has one. */
const HONEST_EVERY = 5
const HONEST_REMAINDER = 3
/** The largest backlog: with more places, nobody counts them on a projector. */
const MAX_BACKLOG = 24
/** How many connections one host may ask for in a scene, so that a key that is held down does not fill the log. */
const MAX_ASKED = 12
/** Receive buffer of every connection, in octets: the largest that the header's window field can announce. */
const BUFFER_OCTETS = 65_535

const rulesOfFlood = (world: FloodWorld): TcpRules => getTcpRules(sceneOfFlood(world).rules)

export function judgeFlood(world: FloodWorld, actor: ActivityActor, action: FloodAction, cookieOf: CookieOf): Judgement {
  switch (action.kind) {
    case 'enter':
      return enter(world, actor)
    case 'send':
    case 'send-due':
      return judgeSend(world, actor, action, cookieOf)
    case 'open-scene':
      if (actor !== TEACHER || !FLOOD_SCENES[action.scene]) return bar('not-yours')
      return accept([{ kind: 'opened', scene: action.scene, backlog: chooseBacklog(world) }])
    case 'pass-time':
      return actor === TEACHER ? passTime(world) : bar('not-yours')
  }
}

const accept = (effects: readonly FloodEffect[]): Judgement => ({ verdict: { outcome: 'accepted', findings: [] }, effects })
const bar = (reason: Reason): Judgement => ({ verdict: { outcome: 'barred', findings: [], reason }, effects: [] })
const refuse = (verdict: Omit<Verdict, 'outcome'>): Judgement => ({ verdict: { outcome: 'refused', ...verdict }, effects: [] })

/** Half of those who vanish, so that one SYN of each is more than the backlog can take. */
const chooseBacklog = ({ hosts }: FloodWorld): number =>
  Math.max(MIN_BACKLOG, Math.min(MAX_BACKLOG, Math.ceil(hosts.filter(({ vanishes }) => vanishes).length / 2)))

function enter(world: FloodWorld, id: string): Judgement {
  if (id === TEACHER) return bar('not-yours')
  if (world.hosts.some((host) => host.id === id)) return bar('already-called')
  const number = world.hosts.length + 1
  const vanishes = number % HONEST_EVERY !== HONEST_REMAINDER
  const host: FloodHost = { id, number, vanishes, address: '', tcb: null, asked: 0, fate: 'idle', heard: null }
  const entered: FloodEffect = { kind: 'entered', host: { ...host, address: addressOf(world, host) } }
  const after = applyFloodEffect(world, entered)
  // Until the first SYN, the backlog grows with the class.
  const isUntouched = world.scene === 0 && world.counts.syns === 0
  return accept(isUntouched ? [entered, { kind: 'opened', scene: 0, backlog: chooseBacklog(after) }] : [entered])
}

/** Blocks of addresses for documentation (RFC 5737), which nobody has: made-up addresses are taken from them. */
const NOBODYS_BLOCKS = ['192.0.2', '198.51.100', '203.0.113']
const BLOCK_ADDRESSES = 254

/** Where the next SYN of a host claims to come from: its own address, or one that nobody has and that is not in use. */
export function addressOf(world: FloodWorld, { number, vanishes, asked }: FloodHost): string {
  if (!vanishes) return `10.0.${Math.floor(number / BLOCK_ADDRESSES)}.${1 + (number % BLOCK_ADDRESSES)}`
  const random = seededRandom(world.setup.seed ^ Math.imul(number, 0x9e3779b1) ^ Math.imul(asked + 1, 0x85ebca6b))
  const block = NOBODYS_BLOCKS[Math.floor(random() * NOBODYS_BLOCKS.length)]!
  const port = 1024 + Math.floor(random() * 64_000)
  return `${block}.${1 + Math.floor(random() * BLOCK_ADDRESSES)}:${port}`
}

/** The TCB with which a host acts now: that of its connection, or a fresh one whose application has called OPEN. */
export function tcbOfHost(world: FloodWorld, host: FloodHost): Tcb {
  if (host.tcb && !asksAgain(host)) return host.tcb
  const { seed } = world.setup
  const random = seededRandom(seed ^ Math.imul(host.number, 0xc2b2ae35) ^ Math.imul(16 * world.scene + host.asked + 1, 0x27d4eb2f))
  const opened = processCall(createTcb(Math.floor(random() * 2 ** 32), BUFFER_OCTETS), { call: 'OPEN', mode: 'active' })
  if (!opened.ok) throw new Error(opened.error)
  return opened.tcb
}

/** Whether a host's next SYN is for another connection: whoever vanishes never waits for an answer, and a reset ends an honest one. */
const asksAgain = ({ tcb, vanishes }: FloodHost): boolean =>
  tcb === null || vanishes || (tcb.state === 'CLOSED' && tcb.owes.length === 0)

/** Why a host can send nothing now; null if it can. */
export function reasonNotToSend(world: FloodWorld, host: FloodHost): Reason | null {
  if (!asksAgain(host)) return nextSegment(tcbOfHost(world, host)) ? null : 'nothing-to-send'
  if (host.asked >= MAX_ASKED) return 'nothing-to-send'
  // In the first scene, applications that mean it call OPEN once there is no place left.
  const early = !host.vanishes && host.asked === 0 && sceneOfFlood(world).id === 'three-way'
  return early && !isFull(world) ? 'not-yet' : null
}

const isFull = ({ connections, backlog }: FloodWorld): boolean =>
  isBacklogFull(
    connections.map(({ tcb }) => tcb),
    backlog,
  )

/** The notation of a host: its own initial number is x, the server's is y once it has come. */
export function notationOfHost(world: FloodWorld, host: FloodHost): NotationContext {
  const { iss, irs } = tcbOfHost(world, host)
  const x = { of: 'client', value: iss } as const
  return {
    kind: 'textbook',
    names: irs === null ? { x } : { x, y: { of: 'server', value: irs } },
    iss: { client: iss, server: irs ?? 0 },
  }
}

type SendAction = Extract<FloodAction, { kind: 'send' | 'send-due' }>

function judgeSend(world: FloodWorld, id: string, action: SendAction, cookieOf: CookieOf): Judgement {
  const host = world.hosts.find((each) => each.id === id)
  if (!host) return bar('not-yours')
  const reason = reasonNotToSend(world, host)
  if (reason) return bar(reason)
  const tcb = tcbOfHost(world, host)
  const composed = action.kind === 'send' ? readDraft(action.segment, notationOfHost(world, host), tcb) : nextSegment(tcb)
  if (composed === null) return bar('nothing-to-send')
  if (typeof composed === 'string') return bar(composed)
  const state: { state?: State } = action.kind === 'send' ? { state: action.state } : {}
  const permission = maySend(tcb, composed, { rules: rulesOfFlood(world), calls: 'given', ...state })
  if (!permission.ok) return refuse({ findings: permission.findings })
  const sender: FloodHost = asksAgain(host)
    ? { ...host, address: addressOf(world, host), asked: host.asked + 1, heard: null }
    : host
  return accept(new Flight(world, sender, cookieOf).send(composed, permission.tcb))
}

/** The segment that a draft describes, or why it cannot be read. */
function readDraft(draft: SegmentDraft, notation: NotationContext, tcb: Tcb): Segment | Reason {
  const seq = parseNumber(draft.seq, notation, 'seq', 'client')
  if (seq === null) return 'unreadable-seq'
  const ack = draft.ack.trim() === '' ? null : parseNumber(draft.ack, notation, 'ack', 'client')
  if (ack === null && draft.ack.trim() !== '') return 'unreadable-ack'
  return { bits: draft.bits, seq, ack, length: draft.length, window: draft.window ?? tcb.rcv.wnd }
}

/** The way of one segment from a host to the server, and back. */
class Flight {
  readonly #effects: FloodEffect[] = []
  readonly #host: FloodHost
  readonly #world: FloodWorld
  readonly #rules: TcpRules
  readonly #cookieOf: CookieOf

  constructor(world: FloodWorld, host: FloodHost, cookieOf: CookieOf) {
    this.#world = world
    this.#host = host
    this.#rules = rulesOfFlood(world)
    this.#cookieOf = cookieOf
  }

  /** The effects of sending a legal segment. `after`: the host's TCB once it has left. */
  send(segment: Segment, after: Tcb): readonly FloodEffect[] {
    const { number, address, asked, heard } = this.#host
    this.#effects.push({ kind: 'host', number, set: { address, asked, heard, tcb: after } })
    this.#effects.push({ kind: 'sent', number, address, segment })
    const known = this.#world.connections.find((each) => each.address === address)
    if (known) this.#arriveAt(known, segment, after)
    else this.#arriveAtListener(segment, after)
    return this.#effects
  }

  /** A segment of a connection that the server has. */
  #arriveAt(known: FloodConnection, segment: Segment, client: Tcb): void {
    const { tcb } = processArrival(known.tcb, segment, this.#rules)
    const reply = nextSegment(tcb)
    const permission = reply && maySend(tcb, reply, { rules: this.#rules, calls: 'given' })
    const after = permission?.ok ? permission.tcb : tcb
    this.#keep(after)
    if (reply && permission?.ok) this.#reply(reply, client, after)
    else if (after.state === 'ESTABLISHED') this.#set('connected', client)
  }

  #arriveAtListener(segment: Segment, client: Tcb): void {
    const { cookies } = sceneOfFlood(this.#world)
    const isSyn = hasBit(segment.bits, SYN)
    if (isSyn && !cookies && isFull(this.#world)) return this.#lose('backlog', client)
    const restored = !isSyn && cookies ? this.#restore(segment) : null
    if (restored) {
      this.#keep(restored)
      return this.#set('connected', client)
    }
    const { address } = this.#host
    const iss = this.#cookieOf(this.#world.setup.seed, address, segment.seq)
    const answered = answerInListen(iss, BUFFER_OCTETS, segment, this.#rules)
    if (!answered) return
    if (isSyn && !cookies) this.#keep(answered.tcb)
    this.#reply(answered.reply, client, answered.tcb)
  }

  /** The connection whose SYN,ACK this ACK acknowledges, made anew from the cookie; null if the server never sent that. */
  #restore(ack: Segment): Tcb | null {
    const irs = add(ack.seq, -1)
    const iss = this.#cookieOf(this.#world.setup.seed, this.#host.address, irs)
    const syn: Segment = { bits: SYN, seq: irs, ack: null, length: 0, window: ack.window }
    const answered = answerInListen(iss, BUFFER_OCTETS, syn, this.#rules)
    if (!answered) return null
    const { tcb } = processArrival(answered.tcb, ack, this.#rules)
    return tcb.state === 'ESTABLISHED' ? tcb : null
  }

  #keep(tcb: Tcb): void {
    const { number: host, address } = this.#host
    const expires = tcb.state === 'SYN-RECEIVED' ? this.#world.clock + this.#world.setup.halfOpenMs : null
    this.#effects.push({ kind: 'kept', connection: { host, address, tcb, expires } })
  }

  /** The server's answer travels to where the segment claimed to come from. */
  #reply(reply: Segment, client: Tcb, server: Tcb): void {
    const { address, vanishes } = this.#host
    this.#effects.push({ kind: 'replied', address, segment: reply })
    if (vanishes) return this.#lose('vanished', client)
    const { tcb } = processArrival(client, reply, this.#rules)
    const done = tcb.state === 'ESTABLISHED' && tcb.owes.length === 0 && server.state === 'ESTABLISHED'
    this.#set(hasBit(reply.bits, RST) ? 'reset' : done ? 'connected' : 'answered', tcb, reply)
  }

  #lose(why: 'backlog' | 'vanished', client: Tcb): void {
    const { number, address } = this.#host
    this.#effects.push({ kind: 'lost', number, address, why })
    this.#set(why === 'backlog' ? 'dropped' : 'vanished', client)
  }

  #set(fate: Fate, tcb: Tcb, heard?: Segment): void {
    const set = heard ? { fate, tcb, heard } : { fate, tcb }
    this.#effects.push({ kind: 'host', number: this.#host.number, set })
  }
}

/** Half-open connections expire, and hosts that have had no answer repeat their SYN. */
function passTime(world: FloodWorld): Judgement {
  const now = world.clock + world.setup.halfOpenMs
  const gone = world.connections.filter(({ expires }) => expires !== null && expires <= now)
  const waiting = world.hosts.filter(({ tcb, vanishes }) => tcb && !vanishes && tcb.timers.includes('retransmission'))
  return accept([
    { kind: 'clock', now },
    ...(gone.length > 0 ? [{ kind: 'expired' as const, addresses: gone.map(({ address }) => address) }] : []),
    ...waiting.map(({ number, tcb }): FloodEffect => ({
      kind: 'host',
      number,
      set: { tcb: processTimeout(tcb!, 'retransmission') },
    })),
  ])
}
