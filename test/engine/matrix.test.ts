/**
 * The matrix: every state × every kind of segment, both arriving and being sent. The tables are read like the RFC's text, from
 * top to bottom: the first row that matches counts, and `*` matches everything. A cell that no row matches makes the test fail,
 * and so does a row that decides no cell.
 *
 * Not covered here, but by the scenarios: the two allowances that need one particular number (TIME-WAIT's repeated FIN, the
 * SYN,ACK of a simultaneous open), closed windows, and pending segments.
 */
import { describe, expect, it } from 'vitest'
import { ACK, bitNames, CWR, ECE, FIN, hasBit, PSH, RST, type Segment, SYN, URG } from '../../protocol/segment.ts'
import { add } from '../../protocol/seq.ts'
import { maySend } from '../../protocol/tcp/may-send.ts'
import { RFC_9293, TCP_RULE_CLAUSES } from '../../protocol/tcp/rules.ts'
import { processArrival } from '../../protocol/tcp/segment-arrives.ts'
import { type State, STATES } from '../../protocol/tcp/states.ts'
import { createTcb, createEstablishedTcb, type Tcb } from '../../protocol/tcp/tcb.ts'

/**
 * Every combination of the four bits that the rules depend on. The rules ignore the other bits, so each cell is tested without
 * and with those.
 */
const BITS = [0, SYN, FIN, SYN | FIN].flatMap((bits) => [bits, bits | RST].flatMap((set) => [set, set | ACK]))
const SILENT = [0, PSH | URG | ECE | CWR]
const OCTETS = [0, 20]
const ISS = 1000
const WINDOW = 100

/**
 * The TCB for each state. In ESTABLISHED and CLOSE-WAIT 100 octets are in flight; in FIN-WAIT-1, CLOSING and LAST-ACK the FIN; in
 * SYN-SENT and SYN-RECEIVED the SYN; in FIN-WAIT-2 and TIME-WAIT nothing.
 */
function position(state: State): Tcb {
  const open = createEstablishedTcb({ iss: ISS, irs: 69_999, sndWnd: 65_535, rcvWnd: WINDOW, opened: 'passive' })
  const sent = (una: number, nxt: number, more: Partial<Tcb> = {}): Tcb => ({
    ...open,
    ...more,
    state,
    snd: { ...open.snd, una, nxt },
  })
  switch (state) {
    case 'CLOSED':
      return createTcb(ISS, WINDOW)
    case 'LISTEN':
      return { ...createTcb(ISS, WINDOW), state, opened: 'passive' }
    case 'SYN-SENT':
      return sent(ISS, ISS + 1, { opened: 'active', irs: null })
    case 'SYN-RECEIVED':
      return sent(ISS, ISS + 1)
    case 'ESTABLISHED':
    case 'CLOSE-WAIT':
      return sent(ISS + 1, ISS + 101)
    case 'FIN-WAIT-1':
    case 'CLOSING':
    case 'LAST-ACK':
      return sent(ISS + 1, ISS + 2, { closing: true, finSent: ISS + 1 })
    case 'FIN-WAIT-2':
    case 'TIME-WAIT':
      return sent(ISS + 2, ISS + 2, { closing: true, finSent: ISS + 1 })
  }
}

interface Cell {
  readonly state: State
  readonly bits: number
  readonly seq: string
  readonly ack: string
  readonly octets: number
}

const cells = (seqs: readonly string[]): Cell[] =>
  STATES.flatMap((state) =>
    BITS.flatMap((bits) =>
      seqs.flatMap((seq) =>
        (hasBit(bits, ACK) ? ['old', 'current', 'future'] : ['absent']).flatMap((ack) =>
          OCTETS.map((octets) => ({ state, bits, seq, ack, octets })),
        ),
      ),
    ),
  )

const named = ({ state, bits, seq, ack, octets }: Cell, silent: number) =>
  `${state}: ${bitNames(bits | silent) || 'none'}, seq ${seq}, ack ${ack}, ${octets}`

interface Row {
  readonly states: string
  readonly bits: string
  readonly seq: string
  readonly ack: string
  readonly octets: string
  readonly rule: string
  readonly outcome: string
}

/**
 * Rows `states | bits | seq | ack | octets | clause | outcome`; alternatives in a column are separated by spaces. `SYN,ACK+`
 * means every combination of bits that contains these two.
 */
const table = (text: string): Row[] =>
  text
    .split('\n')
    .map((line) => line.split('|').map((column) => column.trim()))
    .filter((columns) => columns.length === 7)
    .map(([states, bits, seq, ack, octets, rule, outcome]) => ({ states, bits, seq, ack, octets, rule, outcome }) as Row)

const SYNCHRONIZED = ['ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT']
const fits = (column: string, value: string): boolean => column === '*' || column.split(' ').includes(value)
const fitsBits = (column: string, bits: string): boolean =>
  fits(column, bits) ||
  column.split(' ').some(
    (set) =>
      set.endsWith('+') &&
      set
        .slice(0, -1)
        .split(',')
        .every((bit) => bits.split(',').includes(bit)),
  )
const used = new Set<Row>()

function rowFor(rows: readonly Row[], cell: Cell): Row | undefined {
  const row = rows.find(
    ({ states, bits, seq, ack, octets }) =>
      (fits(states, cell.state) || (states === 'synchronized' && SYNCHRONIZED.includes(cell.state))) &&
      fitsBits(bits, bitNames(cell.bits) || 'none') &&
      fits(seq, cell.seq) &&
      fits(ack, cell.ack) &&
      fits(octets, String(cell.octets)),
  )
  if (row) used.add(row)
  return row
}

/** The checks that end the processing of a segment (first to fourth). */
const FIRST_TO_FOURTH = table(`
  CLOSED       | RST+        | *          | *          | *  | RFC 9293 3.10.7.1 | nothing
  CLOSED       | ACK+        | *          | *          | *  | RFC 9293 3.10.7.1 | owes RST
  CLOSED       | *           | *          | *          | *  | RFC 9293 3.10.7.1 | owes RST,ACK
  LISTEN       | RST+        | *          | *          | *  | RFC 9293 3.10.7.2 | nothing
  LISTEN       | ACK+        | *          | *          | *  | RFC 9293 3.10.7.2 | owes RST
  LISTEN       | SYN+        | *          | *          | *  | RFC 9293 3.10.7.2 | SYN, owes SYN,ACK, SYN-RECEIVED
  LISTEN       | none FIN    | *          | *          | *  | RFC 9293 3.10.7.2 | nothing
  SYN-SENT     | RST,ACK+    | *          | old future | *  | RFC 9293 3.10.7.3 | nothing
  SYN-SENT     | ACK+        | *          | old future | *  | RFC 9293 3.10.7.3 | owes RST
  SYN-SENT     | RST,ACK+    | *          | current    | *  | RFC 9293 3.10.7.3 | reset, CLOSED
  SYN-SENT     | RST+        | *          | *          | *  | RFC 9293 3.10.7.3 | nothing
  SYN-SENT     | SYN,ACK     | *          | current    | 0  | RFC 9293 3.10.7.3 | SYN, acked, owes ACK, ESTABLISHED
  SYN-SENT     | SYN,ACK     | *          | current    | 20 | RFC 9293 3.10.7.3 | SYN, acked, text, owes ACK, ESTABLISHED
  SYN-SENT     | FIN,SYN,ACK | *          | current    | 0  | RFC 9293 3.10.7.3 | SYN, acked, FIN, owes ACK, CLOSE-WAIT
  SYN-SENT     | FIN,SYN,ACK | *          | current    | 20 | RFC 9293 3.10.7.3 | SYN, acked, text, FIN, owes ACK, CLOSE-WAIT
  SYN-SENT     | SYN FIN,SYN | *          | *          | *  | RFC 9293 3.10.7.3 | SYN, owes SYN,ACK, SYN-RECEIVED
  SYN-SENT     | *           | *          | *          | *  | RFC 9293 3.10.7.3 | nothing
  *            | RST+        | old beyond | *          | *  | RFC 9293 3.10.7.4 | nothing
  *            | *           | old beyond | *          | *  | RFC 9293 3.10.7.4 | owes ACK
  SYN-RECEIVED | RST+        | expected   | *          | *  | RFC 9293 3.10.7.4 | reset, LISTEN
  synchronized | RST+        | expected   | *          | *  | RFC 9293 3.10.7.4 | reset, CLOSED
  *            | RST+        | window     | *          | *  | RFC 5961 3.2      | owes ACK
  SYN-RECEIVED | SYN+        | *          | *          | *  | RFC 9293 3.10.7.4 | reset, LISTEN
  synchronized | SYN+        | *          | *          | *  | RFC 5961 4.2      | owes ACK
  *            | none FIN    | *          | *          | *  | RFC 9293 3.10.7.4 | nothing
  SYN-RECEIVED | *           | *          | old future | *  | RFC 9293 3.10.7.4 | owes RST
  synchronized | *           | *          | future     | *  | RFC 5961 5.2      | owes ACK
`)

/** The effect of an ACK in order (fifth check). The resulting state decides how the text is processed. */
const FIFTH = table(`
  SYN-RECEIVED           | * | * | current     | * | RFC 9293 3.10.7.4 | acked, ESTABLISHED
  ESTABLISHED CLOSE-WAIT | * | * | current     | * | RFC 9293 3.10.7.4 | acked
  FIN-WAIT-1             | * | * | current     | * | RFC 9293 3.10.7.4 | acked, FIN-WAIT-2
  CLOSING                | * | * | current     | * | RFC 9293 3.10.7.4 | acked, TIME-WAIT
  LAST-ACK               | * | * | current     | * | RFC 9293 3.10.7.4 | acked, CLOSED
  FIN-WAIT-2 TIME-WAIT   | * | * | old current | * | RFC 9293 3.10.7.4 |
  synchronized           | * | * | old         | * | RFC 9293 3.10.7.4 |
`)

const SIXTH_TO_EIGHTH = table(`
  CLOSE-WAIT CLOSING LAST-ACK TIME-WAIT        | FIN,ACK | *        | * | *  | RFC 9293 3.10.7.4 | owes ACK
  CLOSED CLOSE-WAIT CLOSING LAST-ACK TIME-WAIT | *       | *        | * | *  | RFC 9293 3.10.7.4 |
  *                                            | ACK     | *        | * | 0  | RFC 9293 3.10.7.4 |
  *                                            | ACK     | expected | * | 20 | RFC 9293 3.10.7.4 | text, owes ACK
  *                                            | *       | window   | * | *  | RFC 9293 3.10.7.4 | held, owes ACK
  ESTABLISHED                                  | FIN,ACK | expected | * | 0  | RFC 9293 3.10.7.4 | FIN, owes ACK, CLOSE-WAIT
  ESTABLISHED                                  | FIN,ACK | expected | * | 20 | RFC 9293 3.10.7.4 | text, FIN, owes ACK, CLOSE-WAIT
  FIN-WAIT-1                                   | FIN,ACK | expected | * | 0  | RFC 9293 3.10.7.4 | FIN, owes ACK, CLOSING
  FIN-WAIT-1                                   | FIN,ACK | expected | * | 20 | RFC 9293 3.10.7.4 | text, FIN, owes ACK, CLOSING
  FIN-WAIT-2                                   | FIN,ACK | expected | * | 0  | RFC 9293 3.10.7.4 | FIN, owes ACK, TIME-WAIT
  FIN-WAIT-2                                   | FIN,ACK | expected | * | 20 | RFC 9293 3.10.7.4 | text, FIN, owes ACK, TIME-WAIT
`)

/**
 * The meaning of what real stacks send (`calls: assumed`); `-` if it is not legal. `flight` is SND.UNA, or SND.NXT-1 if nothing
 * is in flight.
 */
const SENDS = table(`
  *                                 | FIN,SYN+    | *           | *          | *  | RFC 9293 3.10.4   | -
  *                                 | SYN,RST+ FIN,RST+ | *     | *          | *  | RFC 9293 3.5.2    | -
  *                                 | *           | beyond      | *          | *  | RFC 9293 3.4      | -
  CLOSED LISTEN                     | SYN         | next        | *          | *  | RFC 9293 3.10.1   | opens
  CLOSED LISTEN                     | *           | *           | *          | *  | RFC 9293 3.10.7.1 | -
  SYN-SENT                          | SYN         | flight      | *          | 0  | RFC 9293 3.10.8   | retransmits
  SYN-SENT                          | *           | *           | *          | *  | RFC 9293 3.10.7.3 | -
  *                                 | none SYN FIN | *          | *          | *  | RFC 9293 3.1      | -
  *                                 | *           | *           | old future | *  | RFC 9293 3.4      | -
  *                                 | RST RST,ACK | next        | *          | 0  | RFC 9293 3.10.5   | resets
  SYN-RECEIVED ESTABLISHED CLOSE-WAIT FIN-WAIT-1 CLOSING LAST-ACK | RST RST,ACK | flight | * | 0 | RFC 9293 3.10.5 | resets
  *                                 | RST RST,ACK | *           | *          | *  | RFC 9293 3.10.5   | -
  SYN-RECEIVED                      | SYN,ACK     | flight      | *          | 0  | RFC 9293 3.10.8   | retransmits
  *                                 | SYN,ACK     | *           | *          | *  | RFC 9293 3.10.7.2 | -
  *                                 | ACK         | next        | *          | 0  | RFC 9293 3.10.7.4 | duplicates
  ESTABLISHED CLOSE-WAIT            | ACK         | next        | *          | 20 | RFC 9293 3.10.2   | sends
  *                                 | ACK         | next        | *          | 20 | RFC 9293 3.10.2   | -
  SYN-RECEIVED                      | FIN,ACK     | next        | *          | 0  | RFC 9293 3.10.4   | closes
  SYN-RECEIVED                      | FIN,ACK     | next        | *          | 20 | RFC 9293 3.10.2   | -
  ESTABLISHED CLOSE-WAIT            | FIN,ACK     | next        | *          | *  | RFC 9293 3.10.4   | closes
  *                                 | FIN,ACK     | next        | *          | *  | RFC 9293 3.10.4   | -
  ESTABLISHED CLOSE-WAIT            | ACK         | flight      | *          | 20 | RFC 9293 3.10.8   | retransmits
  FIN-WAIT-1 CLOSING LAST-ACK       | FIN,ACK     | flight      | *          | 0  | RFC 9293 3.10.8   | retransmits
  FIN-WAIT-2                        | ACK         | flight      | *          | 0  | RFC 9293 3.8.4    | keeps-alive
  *                                 | ACK FIN,ACK | flight      | *          | *  | RFC 9293 3.8.1    | -
  *                                 | ACK FIN,ACK | old         | *          | *  | RFC 9293 3.4      | -
`)

const ACKS: Readonly<Record<string, (tcb: Tcb) => number>> = {
  old: ({ snd }) => add(snd.una, -1),
  current: ({ snd }) => snd.nxt,
  future: ({ snd }) => add(snd.nxt, 1),
}
const PLACES: Readonly<Record<string, number>> = { old: -50, expected: 0, window: 10, beyond: WINDOW + 10 }

const arriving = (cell: Cell, tcb: Tcb, silent: number): Segment => ({
  bits: cell.bits | silent,
  seq: add(70_000, PLACES[cell.seq] ?? 0),
  ack: ACKS[cell.ack]?.(tcb) ?? null,
  window: 500,
  length: cell.octets,
})

function outcome(tcb: Tcb, segment: Segment): { rule: string; text: string } {
  const { tcb: after, newlyPending, takenIn, rule } = processArrival(tcb, segment, RFC_9293)
  const held = takenIn.syn ? false : after.held.length > 0 || after.finHeld !== null
  const kinds = new Set(newlyPending.map((debt) => (debt.kind === 'RST' && debt.ack !== null ? 'RST,ACK' : debt.kind)))
  const words = [
    takenIn.syn && 'SYN',
    takenIn.acked && 'acked',
    takenIn.octets > 0 && 'text',
    takenIn.fin && 'FIN',
    takenIn.reset && 'reset',
    held && 'held',
    ...[...kinds].map((kind) => `owes ${kind}`),
    after.state !== tcb.state && after.state,
  ]
  return { rule: TCP_RULE_CLAUSES[rule], text: words.filter(Boolean).join(', ') || 'nothing' }
}

/** Combines two outcomes of one segment. The later state replaces the earlier one. */
function both(a: string, b: string): string {
  const words = [a, b].flatMap((text) => text.split(', ')).filter((word) => word !== '')
  const last = words.findLast((word) => (STATES as readonly string[]).includes(word))
  return [...words.filter((word) => !(STATES as readonly string[]).includes(word)), last].filter(Boolean).join(', ') || 'nothing'
}

function expected(cell: Cell): { rule: string; text: string } {
  const ends = rowFor(FIRST_TO_FOURTH, cell)
  if (ends) return { rule: ends.rule, text: ends.outcome }
  const acked = rowFor(FIFTH, cell)
  if (!acked) throw new Error('empty cell')
  const state = STATES.find((name) => acked.outcome.split(', ').includes(name)) ?? cell.state
  const text = rowFor(SIXTH_TO_EIGHTH, { ...cell, state })
  if (!text) throw new Error('empty cell')
  return { rule: acked.rule, text: both(acked.outcome, text.outcome) }
}

describe('RFC 9293 3.10.7: SEGMENT ARRIVES, every cell', () => {
  it.each(STATES)('%s', (state) => {
    const wanted: Record<string, unknown> = {}
    const found: Record<string, unknown> = {}
    for (const cell of cells(Object.keys(PLACES)).filter((c) => c.state === state)) {
      const tcb = position(state)
      for (const silent of SILENT) {
        wanted[named(cell, silent)] = expected(cell)
        found[named(cell, silent)] = outcome(tcb, arriving(cell, tcb, silent))
      }
    }
    expect(found).toEqual(wanted)
  })
})

describe('RFC 9293 3.10: what may be sent, every cell', () => {
  it.each(STATES)('%s', (state) => {
    const tcb = position(state)
    const { una, nxt } = tcb.snd
    const places: Readonly<Record<string, number>> = {
      old: add(una, -5),
      flight: una === nxt ? add(una, -1) : una,
      next: nxt,
      beyond: add(nxt, 10),
    }
    const acks: Readonly<Record<string, number>> = { old: 69_999, current: 70_000, future: 70_001 }
    const wanted: Record<string, unknown> = {}
    const found: Record<string, unknown> = {}
    for (const cell of cells(Object.keys(places)).filter((c) => c.state === state)) {
      const row = rowFor(SENDS, cell)
      for (const silent of SILENT) {
        const name = named(cell, silent)
        if (!row) throw new Error(`empty cell: ${name}`)
        const segment: Segment = {
          bits: cell.bits | silent,
          seq: places[cell.seq] ?? 0,
          ack: acks[cell.ack] ?? null,
          window: WINDOW,
          length: cell.octets,
        }
        const permission = maySend(tcb, segment, { rules: RFC_9293, calls: 'assumed' })
        wanted[name] = row.outcome
        found[name] = permission.ok ? permission.meanings[0] : '-'
        if (!permission.ok) expect(permission.findings.length, name).toBeGreaterThan(0)
      }
    }
    expect(found).toEqual(wanted)
  })
})

it('no row of the tables is idle, and each cites its clause', () => {
  const rows = [...FIRST_TO_FOURTH, ...FIFTH, ...SIXTH_TO_EIGHTH, ...SENDS]
  expect(rows.filter((row) => !used.has(row))).toEqual([])
  expect(rows.filter((row) => !/^RFC (9293|5961) \d/.test(row.rule))).toEqual([])
})
