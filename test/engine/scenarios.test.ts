/**
 * Plays the conversations of `test/scenarios/tcp/*.txt` through the engine: two endpoints, and a wire that loses nothing and
 * delivers at once.
 *
 * A file holds one or several scenarios, divided by a line `---`. The comment at the top of a scenario is the test's title and
 * names the rule. Then follows one statement per line (everything after a `#` is a comment):
 *
 *     position ESTABLISHED            both ends start there with nothing outstanding; without the line both are CLOSED
 *     iss client=100 server=300       default: 1000 and 70000; the names x and y are bound to them, u and v to x+1 and y+1
 *     notation absolute               default: textbook
 *     calls assumed                   default: given
 *     rules two-way-handshake         a rule set of protocol/tcp/rules.ts; default: rfc-9293. The title starts with it
 *     client window=10                the receive window of that end in octets; default: 65535
 *     client reads at-once            its user takes all that arrives at once; default: it waits for RECEIVE
 *
 *     client call OPEN active         also: OPEN passive, SEND n, RECEIVE, CLOSE, ABORT
 *     client SYN seq=x => SYN-SENT    a segment: bits, seq, ack, len, win; the state that the sender believes it is in afterwards
 *     client FIN,ACK seq=u ack=v => FIN-WAIT-1 ...    a line that ends with an ellipsis stays on the wire, as in the RFC's figures,
 *     ... client                      until this line: the client's oldest segment on its way arrives
 *     ... client 2                    the second oldest overtakes it
 *     lost client                     the client's oldest segment on its way is lost
 *     again client                    the client's segment that arrived last arrives once more
 *     stale client SYN seq=90         a segment of an earlier incarnation, or a forged one, arrives as if from the client
 *     client crashes                  the host forgets everything
 *     client iss 400                  the ISS that its next SYN will have
 *     client pays SYN seq=x           the segment that `nextSegment` would send must be this one; it is sent
 *     client timer retransmission     the timer fires
 *     client claims FIN-WAIT-2        about the last thing that happened to the client
 *     client discards                 the last segment that arrived
 *     client is TIME-WAIT             checks its true state
 *     client owes ACK                 checks its pending segments, oldest first; `nothing` for none
 *
 * Expected errors are at the end of a line: `!! field misconception` is one finding (several are divided by `;`; the
 * misconception is left out if none fits); for a call `!! the RFC's words`. `?? misconception` is a remark on a segment that is
 * accepted nevertheless (`?? -`: without a misconception).
 */
import type { UserCall } from '../../protocol/tcp/user-calls.ts'
import { peerOf, type Seat, SEATS } from '../../protocol/seat.ts'
import { expect, it } from 'vitest'
import { type NotationContext, parseNumber, parseState } from '../../protocol/notation.ts'
import { ACK, CONTROL_BITS, bitNames, hasBit, type Segment, segmentLength } from '../../protocol/segment.ts'
import { add } from '../../protocol/seq.ts'
import { judgeClaim, judgeDiscard } from '../../protocol/tcp/judge-claim.ts'
import { type Finding, type Misconception, TCP_MISCONCEPTIONS } from '../../protocol/findings.ts'
import { maySend } from '../../protocol/tcp/may-send.ts'
import { nextSegment } from '../../protocol/tcp/due-segment.ts'
import {
  type CallSource,
  TCP_RULE_SETS,
  type TcpRuleName,
  type TcpRules,
  TCP_RULE_CLAUSES,
  getTcpRules,
} from '../../protocol/tcp/rules.ts'
import { type Arrival, processArrival } from '../../protocol/tcp/segment-arrives.ts'
import { type State, STATES } from '../../protocol/tcp/states.ts'
import { createTcb, createEstablishedTcb, type Tcb, type Timer } from '../../protocol/tcp/tcb.ts'
import { processTimeout } from '../../protocol/tcp/timeouts.ts'
import { processCall } from '../../protocol/tcp/user-calls.ts'
import { scenariosOf } from '../support/scenarios.ts'

/** The misconceptions that were found under RFC 9293 as the only finding of a line. */
const seen = new Set<Misconception>()
/** The rules that some segment has kept, and those that some segment has broken or whose check has ended its processing. */
const kept = new Set<TcpRuleName>()
const broken = new Set<TcpRuleName>()

scenariosOf('tcp', 'rfc-9293', (lines) => new Play(lines))

it('each rule is kept by one conversation and broken by another', () => {
  // Timestamps, which no scenario has, are tested with the other options.
  const rules = (Object.keys(TCP_RULE_CLAUSES) as TcpRuleName[]).filter((name) => name !== 'checks-timestamp')
  expect({
    neverKept: rules.filter((name) => !kept.has(name)),
    neverBroken: rules.filter((name) => !broken.has(name)),
  }).toEqual({ neverKept: [], neverBroken: [] })
})

it('each misconception is what one conversation yields, and nothing beside it', () => {
  // The engine has no clock: how long somebody intends to wait shows only in an answer to a question.
  expect(TCP_MISCONCEPTIONS.filter((name) => !seen.has(name))).toEqual(['msl-is-the-rto'])
})

class Play {
  readonly settings = /^(position|iss|notation|calls|rules) |^\S+ (window=|reads )/
  readonly rules: TcpRules
  readonly #tcb: Record<Seat, Tcb>
  readonly #wire: Record<Seat, Segment[]> = { client: [], server: [] }
  readonly #before: Record<Seat, State> = { client: 'CLOSED', server: 'CLOSED' }
  readonly #arrival: Record<Seat, Arrival | null> = { client: null, server: null }
  readonly #notation: NotationContext
  readonly #calls: CallSource

  constructor(lines: readonly string[]) {
    const setting = (pattern: RegExp): RegExpExecArray | null =>
      lines.map((line) => pattern.exec(line)).find((m) => m !== null) ?? null
    const iss = {
      client: Number(setting(/^iss .*client=(\d+)/)?.[1] ?? 1000),
      server: Number(setting(/^iss .*server=(\d+)/)?.[1] ?? 70000),
    }
    const window = {
      client: Number(setting(/^client window=(\d+)/)?.[1] ?? 65535),
      server: Number(setting(/^server window=(\d+)/)?.[1] ?? 65535),
    }
    const reads = (seat: Seat) => (setting(new RegExp(`^${seat} reads at-once`)) ? 'at-once' : 'on-RECEIVE')
    const open = setting(/^position (\S+)/)?.[1] === 'ESTABLISHED'
    const begin = (seat: Seat): Tcb =>
      open
        ? createEstablishedTcb({
            iss: iss[seat],
            irs: iss[peerOf(seat)],
            sndWnd: window[peerOf(seat)],
            rcvWnd: window[seat],
            opened: seat === 'client' ? 'active' : 'passive',
            reads: reads(seat),
          })
        : createTcb(iss[seat], window[seat], reads(seat))
    this.#tcb = { client: begin('client'), server: begin('server') }
    this.#calls = setting(/^calls assumed/) ? 'assumed' : 'given'
    const named = setting(/^rules (\S+)/)?.[1] ?? 'rfc-9293'
    const set = TCP_RULE_SETS.find((name) => name === named)
    if (!set) throw new Error(`no such rule set: ${named}`)
    this.rules = getTcpRules(set)
    this.#notation = {
      kind: setting(/^notation absolute/) ? 'absolute' : 'textbook',
      iss,
      names: {
        x: { of: 'client', value: iss.client },
        y: { of: 'server', value: iss.server },
        u: { of: 'client', value: add(iss.client, 1) },
        v: { of: 'server', value: add(iss.server, 1) },
      },
    }
  }

  step(line: string): void {
    const [what = '', mark, marked = ''] = line.split(/\s*(!!|\?\?)\s*/)
    const [first = '', second = '', ...rest] = what.split(/\s+/)
    const ofWire = ['...', 'lost', 'again', 'stale'].includes(first)
    const seat = seatOf(ofWire ? second : first)
    const tcb = this.#tcb[seat]
    switch (ofWire ? first : second) {
      case '...':
        return this.#arrives(seat, this.#take(seat, Number(rest[0] ?? 1)))
      case 'lost':
        this.#take(seat, 1)
        return
      case 'again': {
        const { heard } = this.#tcb[peerOf(seat)]
        if (!heard) throw new Error('nothing has arrived')
        return this.#arrives(seat, heard)
      }
      case 'stale':
        return this.#arrives(seat, this.#segment(seat, rest))
      case 'crashes':
        return this.#happens(seat, createTcb(tcb.iss, tcb.rcv.buff, tcb.reads))
      case 'iss': {
        const iss = Number(rest[0])
        return this.#happens(seat, { ...tcb, iss, snd: { ...tcb.snd, una: iss, nxt: iss } })
      }
      case 'call': {
        const result = processCall(tcb, callOf(rest))
        expect(result.ok ? undefined : result.error).toBe(mark === '!!' ? marked : undefined)
        if (result.ok) this.#happens(seat, result.tcb)
        return
      }
      case 'timer':
        expect(tcb.timers).toContain(rest[0])
        return this.#happens(seat, processTimeout(tcb, rest[0] as Timer))
      case 'claims': {
        const finding = judgeClaim({ before: this.#before[seat], actual: tcb.state, claimed: stateOf(rest[0]), tcb }, this.rules)
        return this.#check(finding ? [finding] : [], mark === '!!' ? marked : '')
      }
      case 'discards': {
        const arrival = this.#arrival[seat]
        if (!arrival) throw new Error('nothing has arrived')
        const { takenIn, newlyPending } = arrival
        const moved =
          takenIn.syn ||
          takenIn.octets > 0 ||
          takenIn.fin ||
          takenIn.acked ||
          takenIn.reset ||
          this.#before[seat] !== arrival.tcb.state
        const finding = judgeDiscard(newlyPending, moved, arrival.tcb, this.rules)
        return this.#check(finding ? [finding] : [], mark === '!!' ? marked : '')
      }
      case 'is':
        return expect(tcb.state).toBe(stateOf(rest[0]))
      case 'owes':
        return expect(tcb.owes.map((debt) => debt.kind).join(' ') || 'nothing').toBe(rest.join(' '))
      case 'pays':
        expect(nextSegment(tcb)).toEqual(this.#segment(seat, rest))
        return this.#send(seat, rest, mark, marked)
      default:
        return this.#send(seat, [second, ...rest], mark, marked)
    }
  }

  #send(seat: Seat, words: readonly string[], mark: string | undefined, marked: string): void {
    const arrow = words.indexOf('=>')
    const segment = this.#segment(seat, words)
    const state = arrow < 0 ? {} : { state: stateOf(words[arrow + 1]) }
    const permission = maySend(this.#tcb[seat], segment, { rules: this.rules, calls: this.#calls, ...state })
    const real = this.rules.name === 'rfc-9293'
    if (real && permission.rule !== null) (permission.ok ? kept : broken).add(permission.rule)
    if (real && permission.ok && permission.meanings.includes('resets')) kept.add('resets-when-called-for')
    if (!permission.ok || mark === '!!') {
      return this.#check(permission.ok ? [] : permission.findings, mark === '!!' ? marked : '')
    }
    const remarks = permission.remarks.map(({ misconception }) => misconception ?? '-')
    this.#sees(permission.remarks)
    expect(remarks.join('; ')).toBe(mark === '??' ? marked : '')
    this.#happens(seat, permission.tcb)
    if (words.at(-1) === '...') this.#wire[seat].push(segment)
    else this.#arrives(seat, segment)
  }

  #take(from: Seat, which: number): Segment {
    const [segment] = this.#wire[from].splice(which - 1, 1)
    if (!segment) throw new Error('nothing is on the wire')
    return segment
  }

  #arrives(from: Seat, segment: Segment): void {
    const to = peerOf(from)
    const arrival = processArrival(this.#tcb[to], segment, this.rules)
    if (this.rules.name === 'rfc-9293') counts(arrival, segment)
    this.#happens(to, arrival.tcb)
    this.#arrival[to] = arrival
  }

  #happens(seat: Seat, tcb: Tcb): void {
    this.#before[seat] = this.#tcb[seat].state
    this.#tcb[seat] = tcb
  }

  #segment(seat: Seat, words: readonly string[]): Segment {
    const fields = new Map(words.filter((word) => word.includes('=') && word !== '=>').map((word) => cut(word)))
    const bits = (words[0] ?? '').split(',').reduce((sum, name) => {
      const bit = CONTROL_BITS.find(([named]) => named === name)
      if (!bit && name !== 'none') throw new Error(`no such control bit: ${name}`)
      return sum | (bit?.[1] ?? 0)
    }, 0)
    const number = (field: 'seq' | 'ack'): number | null => {
      const text = fields.get(field)
      if (text === undefined) return null
      const value = parseNumber(text, this.#notation, field, seat)
      if (value === null) throw new Error(`cannot read ${field}=${text}`)
      return value
    }
    const seq = number('seq')
    if (seq === null) throw new Error('a segment has a seq')
    const ack = number('ack')
    if (ack === null && hasBit(bits, ACK)) throw new Error(`${bitNames(bits)} has an ack`)
    return { bits, seq, ack, window: Number(fields.get('win') ?? this.#tcb[seat].rcv.wnd), length: Number(fields.get('len') ?? 0) }
  }

  #check(findings: readonly Finding[], wanted: string): void {
    this.#sees(findings)
    const said = findings.map(({ field, misconception }) => (misconception ? `${field} ${misconception}` : field))
    expect(said.join('; ')).toBe(wanted)
  }

  #sees(findings: readonly Finding[]): void {
    const real = this.rules.name === 'rfc-9293'
    for (const { rule } of findings) expect(rule.startsWith(this.rules.name)).toBe(!real)
    const [only, ...others] = findings
    if (real && only?.misconception && others.length === 0) seen.add(only.misconception)
  }
}

/** The checks of RFC 9293 3.10.7.4, in order: a segment has kept all rules before the one whose check ended its processing. */
const CHECKS: readonly TcpRuleName[] = [
  'checks-sequence-number',
  'challenges-reset',
  'checks-reset',
  'challenges-syn',
  'checks-syn',
  'challenges-ack',
  'checks-ack',
  'takes-text',
]

function counts({ rule, takenIn, newlyPending }: Arrival, segment: Segment): void {
  const at = CHECKS.indexOf(rule)
  for (const name of CHECKS.slice(0, Math.max(0, at))) kept.add(name)
  const taken = takenIn.octets > 0 || takenIn.fin || segmentLength(segment) === 0
  const fine = at < 0 ? !newlyPending.some((debt) => debt.kind === 'RST') : rule === 'takes-text' && taken
  ;(fine ? kept : broken).add(rule)
}

/** Splits `name=value` into a pair. */
const cut = (word: string): [string, string] => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]

function seatOf(word: string): Seat {
  const seat = SEATS.find((name) => name === word)
  if (!seat) throw new Error(`neither client nor server: ${word}`)
  return seat
}

function stateOf(word: string | undefined): State {
  const state = parseState(word ?? '')
  if (!state || !STATES.includes(state)) throw new Error(`no such state: ${word}`)
  return state
}

function callOf([name, argument]: readonly string[]): UserCall {
  switch (name) {
    case 'OPEN':
      return { call: name, mode: argument === 'passive' ? 'passive' : 'active' }
    case 'SEND':
      return { call: name, octets: Number(argument) }
    case 'RECEIVE':
    case 'CLOSE':
    case 'ABORT':
      return { call: name }
    default:
      throw new Error(`no such call: ${name}`)
  }
}
