/** HTTP in a round: what applications write becomes octets that TCP numbers. */
import type { Seat } from '../../protocol/seat.ts'
import { describe, expect, it } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const exercise = loadExercises('exercises').get('http')!
const REQUEST = 'GET /hello.html HTTP/1.1\nHost: www.example.edu\n\n'
const RESPONSE = 'HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 19\n\n<h1>Hello, TCP</h1>'

const write = (stage: RoundFixture, seat: Seat, text: string) => stage.act(seat, { kind: 'write', message: { kind: 'http', text } })

/** The handshake is done, and the client has the first page to ask for. */
function open(): RoundFixture {
  const stage = new RoundFixture(exercise)
  stage.call('server', { call: 'OPEN', mode: 'passive' })
  stage.call('client', { call: 'OPEN', mode: 'active' })
  stage.send('client', 'S', 'x', '', 'SYN-SENT')
  stage.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
  stage.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED')
  stage.claim('server', 'ESTABLISHED')
  return stage
}

describe('a message', () => {
  it('RFC 9293 3.10.2: is handed over with SEND, and its octets are what a segment carries', () => {
    const stage = open()
    const { verdict, effects } = write(stage, 'client', REQUEST)
    expect(verdict.outcome).toBe('accepted')
    expect(effects).toContainEqual(
      expect.objectContaining({ kind: 'wrote', name: 'request', text: REQUEST.replaceAll('\n', '\r\n') }),
    )
    expect(stage.world.hosts.client.tcb.queued).toBe(51)
    expect(stage.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED', 52).verdict.findings).toMatchObject([{ field: 'payload' }])
    expect(stage.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED', 51).verdict.outcome).toBe('accepted')
    expect(stage.views.server.at(-1)?.event.read).toEqual([{ name: 'request', text: REQUEST.replaceAll('\n', '\r\n') }])
  })

  it('is read when its last octet has come, in however many segments', () => {
    const stage = open()
    write(stage, 'client', REQUEST)
    stage.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED', 20)
    expect(stage.world.hosts.server.readMessages).toEqual([])
    expect(stage.world.seats.client.milestones.find(({ id }) => id === 'sends')?.status).toBe('open')
    stage.send('client', 'A', 'x+21', 'y+1', 'ESTABLISHED', 31)
    expect(stage.world.hosts.server.readMessages).toEqual(['request'])
    expect(stage.world.seats.client.milestones.find(({ id }) => id === 'sends')?.status).toBe('met')
  })

  it('RFC 9293 3.10.2: is no use before the connection stands', () => {
    const stage = new RoundFixture(exercise)
    expect(write(stage, 'client', REQUEST).verdict.findings).toMatchObject([{ field: 'message', misconception: 'tls-before-tcp' }])
  })

  it('RFC 9112 9.2: of the server waits for the request, even where the client has written it', () => {
    const stage = open()
    write(stage, 'client', REQUEST)
    expect(write(stage, 'server', RESPONSE).verdict.findings).toMatchObject([{ misconception: 'http-answer-unasked' }])
    stage.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED', 51)
    expect(write(stage, 'server', RESPONSE.replace('19', '18')).verdict.findings).toMatchObject([
      { given: '18', misconception: 'http-length-wrong' },
    ])
    expect(write(stage, 'server', RESPONSE).verdict.outcome).toBe('accepted')
  })

  it('that is well formed and not what the application wants to say costs nothing', () => {
    const stage = open()
    for (const text of [REQUEST.replace('hello', 'other'), REQUEST.replace('\n\n', '\nConnection: close\n\n')])
      expect(write(stage, 'client', text).verdict).toMatchObject({ outcome: 'barred', reason: 'not-wanted' })
    expect(write(stage, 'client', REQUEST.replace('\n\n', '\nAccept: text/html\n\n')).verdict.outcome).toBe('accepted')
  })

  it('that crossed its cause is no mistake: the answer was composed before the request was there to see', () => {
    const stage = open()
    write(stage, 'client', REQUEST)
    stage.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED', 51)
    expect(write(stage, 'client', REQUEST).verdict).toMatchObject({ outcome: 'barred', reason: 'not-wanted' })
  })

  it('that the other seat has written is seen by nobody before it has arrived', () => {
    const stage = open()
    const before = stage.views.server.length
    write(stage, 'client', REQUEST)
    expect(stage.views.server.length).toBe(before)
    expect(JSON.stringify(stage.views.server)).not.toContain('GET')
  })

  it('is written by the invigilator after the last attempt', () => {
    const stage = open()
    for (let i = 0; i < 4; i++) write(stage, 'client', 'give me the page')
    expect(stage.entries.at(-1)?.effects).toContainEqual(expect.objectContaining({ kind: 'wrote', name: 'request' }))
    expect(stage.views.client.at(-1)?.event.wrote).toMatchObject([{ name: 'request', octets: 51 }])
  })
})

describe('the built-in partner', () => {
  it('asks and answers as a person would', () => {
    const stage = new RoundFixture(exercise, 'standard')
    for (let i = 0; i < 60 && !stage.world.over; i++)
      for (const seat of ['client', 'server'] as const) {
        const move = choosePartnerMove(stage.world, seat, { style: 'piggybacking', pace: 'at-once' })
        if (move) expect(stage.act(seat, move.action).verdict.outcome).toBe('accepted')
      }
    expect(stage.world.over).toBe('goal')
    expect(stage.views.client.flatMap(({ event }) => event.read ?? [])).toMatchObject([{ name: 'response' }])
  })
})
