/** Captures of Linux's own TCP (test/captures/make.sh): every segment is accepted, and the states follow the conversation. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { JudgedSegment } from '../../protocol/capture/connection-tracker.ts'
import { judgeAll } from '../support/capture.ts'

const judgedOf = (name: string) => {
  const file = gunzipSync(readFileSync(new URL(`../captures/${name}.pcapng.gz`, import.meta.url)))
  const { judged, tracker } = judgeAll(file)
  return { judged, counts: tracker.counts }
}

/** The states of one side in order, without repetition. */
const path = (judged: readonly JudgedSegment[], seat: 'client' | 'server') =>
  judged.map(({ state }) => state[seat]).filter((state, i, all) => state !== all[i - 1])

const OPENED = ['SYN-SENT', 'ESTABLISHED']
const ANSWERED = ['SYN-RECEIVED', 'ESTABLISHED']
const ACTIVE = ['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT']
const PASSIVE = ['CLOSE-WAIT', 'LAST-ACK', 'CLOSED']

describe('captures of the kernel', () => {
  it.each([
    ['plain', [...OPENED, ...PASSIVE], [...ANSWERED, 'FIN-WAIT-1', 'TIME-WAIT']],
    ['ipv6', [...OPENED, ...PASSIVE], [...ANSWERED, 'FIN-WAIT-1', 'TIME-WAIT']],
    ['half-close', [...OPENED, ...ACTIVE], [...ANSWERED, ...PASSIVE]],
    ['refused', ['SYN-SENT', 'CLOSED'], ['SYN-RECEIVED', 'CLOSED']],
    ['abort', [...OPENED, 'CLOSED'], [...ANSWERED, 'CLOSED']],
    ['zero-window', null, null],
    ['keep-alive', null, null],
    ['simultaneous-close', null, null],
    ['lossy', [...OPENED, ...ACTIVE], [...ANSWERED, ...PASSIVE]],
    ['reordered', [...OPENED, ...ACTIVE], [...ANSWERED, ...PASSIVE]],
    ['wrap-around', [...OPENED, ...ACTIVE], [...ANSWERED, ...PASSIVE]],
    ['time-wait', [...OPENED, ...ACTIVE], [...ANSWERED, ...PASSIVE]],
    ['simultaneous-open', ['SYN-SENT', ...ANSWERED, 'FIN-WAIT-1', 'TIME-WAIT'], [...ANSWERED, ...PASSIVE]],
    ['tls', [...OPENED, 'CLOSE-WAIT', 'CLOSED'], [...ANSWERED, 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSED']],
  ])('%s', (name, client, server) => {
    const { judged, counts } = judgedOf(name)
    expect(judged.filter(({ verdict }) => verdict === 'violation')).toEqual([])
    expect(counts).toMatchObject({ connections: 1, wrongChecksums: 0, skipped: { other: 0, broken: 0 } })
    expect(judged.length).toBeGreaterThan(1)
    if (client) expect(path(judged, 'client')).toEqual(client)
    if (server) expect(path(judged, 'server')).toEqual(server)
  })

  it('half-open: the SYN of a host that has forgotten all is challenged, the challenge reset, and the connection opened anew', () => {
    const { judged, counts } = judgedOf('half-open')
    expect(judged.filter(({ verdict }) => verdict === 'violation')).toEqual([])
    expect(counts.connections).toBe(2)
    const second = judged.filter(({ connection }) => connection === 1)
    expect(path(second, 'client')).toEqual([...OPENED, 'FIN-WAIT-1', 'TIME-WAIT'])
    expect(path(second, 'server')).toEqual(['ESTABLISHED', 'CLOSED', ...ANSWERED, 'CLOSE-WAIT', 'LAST-ACK', 'CLOSED'])
  })

  it('a segment that was lost before it was captured is all that the judge finds lacking', () => {
    expect(
      judgedOf('lossy')
        .judged.filter(({ assumesLoss }) => assumesLoss)
        .map(({ from, seq }) => [from, seq]),
    ).toEqual([['server', 241]])
    for (const name of ['reordered', 'wrap-around', 'time-wait', 'tls'])
      expect(judgedOf(name).judged.some(({ assumesLoss }) => assumesLoss)).toBe(false)
  })

  it('TIME-WAIT answers the FIN that comes again', () => {
    expect(
      judgedOf('time-wait')
        .judged.slice(-2)
        .map(({ meaning, ack }) => [meaning, ack]),
    ).toEqual([
      ['retransmits', 5],
      ['acknowledges', 482],
    ])
  })

  it('keep-alives are known as such', () => {
    expect(judgedOf('keep-alive').judged.some(({ meaning }) => meaning === 'keeps-alive')).toBe(true)
  })
})
