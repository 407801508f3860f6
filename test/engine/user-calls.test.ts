import type { UserCall } from '../../protocol/tcp/user-calls.ts'
import { describe, expect, it } from 'vitest'
import { type State, STATES } from '../../protocol/tcp/states.ts'
import { createTcb, createEstablishedTcb, type Tcb, type Timer } from '../../protocol/tcp/tcb.ts'
import { processTimeout } from '../../protocol/tcp/timeouts.ts'
import { processCall } from '../../protocol/tcp/user-calls.ts'

const base = createEstablishedTcb({ iss: 999, irs: 69_999, sndWnd: 65_535, rcvWnd: 65_535 })
const AFTER_CLOSE: readonly State[] = ['FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSING', 'LAST-ACK', 'TIME-WAIT']

function at(state: State): Tcb {
  switch (state) {
    case 'CLOSED':
      return createTcb(999, 65_535)
    case 'LISTEN':
      return { ...createTcb(999, 65_535), state, opened: 'passive' }
    case 'SYN-SENT':
      return {
        ...createTcb(999, 65_535),
        state,
        opened: 'active',
        snd: { ...base.snd, una: 999 },
        timers: ['user', 'retransmission'],
      }
    case 'SYN-RECEIVED':
      return { ...base, state, opened: 'passive', snd: { ...base.snd, una: 999 } }
    default:
      return AFTER_CLOSE.includes(state) ? { ...base, state, closing: true, finSent: 999 } : { ...base, state }
  }
}

/** The answer of each state: an error in the RFC's words, or the state and the pending segments afterwards. */
const TABLE: readonly (readonly [string, UserCall, { readonly [S in State]: string }])[] = [
  [
    '3.10.1: active OPEN',
    { call: 'OPEN', mode: 'active' },
    {
      CLOSED: 'CLOSED owes SYN',
      LISTEN: 'LISTEN owes SYN',
      'SYN-SENT': 'connection already exists',
      'SYN-RECEIVED': 'connection already exists',
      ESTABLISHED: 'connection already exists',
      'FIN-WAIT-1': 'connection already exists',
      'FIN-WAIT-2': 'connection already exists',
      'CLOSE-WAIT': 'connection already exists',
      CLOSING: 'connection already exists',
      'LAST-ACK': 'connection already exists',
      'TIME-WAIT': 'connection already exists',
    },
  ],
  [
    '3.10.2: SEND',
    { call: 'SEND', octets: 5 },
    {
      CLOSED: 'connection does not exist',
      LISTEN: 'remote socket unspecified',
      'SYN-SENT': 'SYN-SENT owes',
      'SYN-RECEIVED': 'SYN-RECEIVED owes',
      ESTABLISHED: 'ESTABLISHED owes data',
      'FIN-WAIT-1': 'connection closing',
      'FIN-WAIT-2': 'connection closing',
      'CLOSE-WAIT': 'CLOSE-WAIT owes data',
      CLOSING: 'connection closing',
      'LAST-ACK': 'connection closing',
      'TIME-WAIT': 'connection closing',
    },
  ],
  [
    '3.10.3: RECEIVE with nothing to receive',
    { call: 'RECEIVE' },
    {
      CLOSED: 'connection does not exist',
      LISTEN: 'LISTEN owes',
      'SYN-SENT': 'SYN-SENT owes',
      'SYN-RECEIVED': 'SYN-RECEIVED owes',
      ESTABLISHED: 'ESTABLISHED owes',
      'FIN-WAIT-1': 'FIN-WAIT-1 owes',
      'FIN-WAIT-2': 'FIN-WAIT-2 owes',
      'CLOSE-WAIT': 'connection closing',
      CLOSING: 'connection closing',
      'LAST-ACK': 'connection closing',
      'TIME-WAIT': 'connection closing',
    },
  ],
  [
    '3.10.4: CLOSE',
    { call: 'CLOSE' },
    {
      CLOSED: 'connection does not exist',
      LISTEN: 'CLOSED owes',
      'SYN-SENT': 'CLOSED owes',
      'SYN-RECEIVED': 'SYN-RECEIVED owes FIN',
      ESTABLISHED: 'ESTABLISHED owes FIN',
      'FIN-WAIT-1': 'connection closing',
      'FIN-WAIT-2': 'connection closing',
      'CLOSE-WAIT': 'CLOSE-WAIT owes FIN',
      CLOSING: 'connection closing',
      'LAST-ACK': 'connection closing',
      'TIME-WAIT': 'connection closing',
    },
  ],
  [
    '3.10.5: ABORT',
    { call: 'ABORT' },
    {
      CLOSED: 'connection does not exist',
      LISTEN: 'CLOSED owes',
      'SYN-SENT': 'CLOSED owes',
      'SYN-RECEIVED': 'SYN-RECEIVED owes RST',
      ESTABLISHED: 'ESTABLISHED owes RST',
      'FIN-WAIT-1': 'FIN-WAIT-1 owes RST',
      'FIN-WAIT-2': 'FIN-WAIT-2 owes RST',
      'CLOSE-WAIT': 'CLOSE-WAIT owes RST',
      CLOSING: 'CLOSED owes',
      'LAST-ACK': 'CLOSED owes',
      'TIME-WAIT': 'CLOSED owes',
    },
  ],
]

describe.each(TABLE)('RFC 9293 %s', (_, call, answers) => {
  it.each(STATES)('%s', (state) => {
    const result = processCall(at(state), call)
    const said = result.ok ? `${result.tcb.state} owes ${result.tcb.owes.map((debt) => debt.kind).join(' ')}`.trim() : result.error
    expect(said).toBe(answers[state])
  })
})

describe('RFC 9293 3.10.3: RECEIVE', () => {
  it('CLOSE-WAIT: "any remaining data can be used to satisfy the RECEIVE"', () => {
    const result = processCall({ ...at('CLOSE-WAIT'), unread: 7 }, { call: 'RECEIVE' })
    expect(result).toMatchObject({ ok: true, tcb: { unread: 0 } })
  })
})

describe('RFC 9293 3.10.4: CLOSE in SYN-RECEIVED', () => {
  it('with data to send waits for ESTABLISHED', () => {
    const result = processCall({ ...at('SYN-RECEIVED'), queued: 5 }, { call: 'CLOSE' })
    expect(result).toMatchObject({ ok: true, tcb: { closing: true, owes: [] } })
  })
})

describe('RFC 9293 3.10.8: timeouts', () => {
  it.each<[Timer, Tcb, object]>([
    ['user', at('SYN-SENT'), { state: 'CLOSED', opened: null, timers: [] }],
    ['retransmission', at('SYN-SENT'), { state: 'SYN-SENT', owes: [{ kind: 'retransmission' }] }],
    ['time-wait', { ...at('TIME-WAIT'), timers: ['time-wait'] }, { state: 'CLOSED', timers: [] }],
  ])('%s', (timer, tcb, after) => {
    expect(processTimeout(tcb, timer)).toMatchObject(after)
  })
  it('retransmission is owed once, however often the timer expires, and how often is counted', () => {
    const once = processTimeout(at('SYN-SENT'), 'retransmission')
    expect(processTimeout(once, 'retransmission')).toEqual({ ...once, backoff: 2 })
  })
  it('a timer that does not run changes nothing', () => {
    expect(processTimeout(base, 'user')).toBe(base)
  })
})
