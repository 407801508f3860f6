/** HTTP in a round: the messages that applications write become octets with TCP sequence numbers. */
import type { Seat } from '../../protocol/seat.ts'
import { describe, expect, it } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const exercise = loadExercises('exercises').get('http')!
const REQUEST = 'GET /hello.html HTTP/1.1\nHost: www.example.edu\n\n'
const RESPONSE = 'HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 19\n\n<h1>Hello, TCP</h1>'

const write = (fixture: RoundFixture, seat: Seat, text: string) =>
  fixture.act(seat, { kind: 'write', message: { kind: 'http', text } })

/** A round in which the handshake is done and the client has to request the first page. */
function open(): RoundFixture {
  const fixture = new RoundFixture(exercise)
  fixture.call('server', { call: 'OPEN', mode: 'passive' })
  fixture.call('client', { call: 'OPEN', mode: 'active' })
  fixture.send('client', 'S', 'x', '', 'SYN-SENT')
  fixture.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
  fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED')
  fixture.claim('server', 'ESTABLISHED')
  return fixture
}

describe('a message', () => {
  it('RFC 9293 3.10.2: is handed over with SEND, and its octets are what a segment carries', () => {
    const fixture = open()
    const { verdict, effects } = write(fixture, 'client', REQUEST)
    expect(verdict.outcome).toBe('accepted')
    expect(effects).toContainEqual(
      expect.objectContaining({ kind: 'wrote', name: 'request', text: REQUEST.replaceAll('\n', '\r\n') }),
    )
    expect(fixture.world.hosts.client.tcb.queued).toBe(51)
    expect(fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED', 52).verdict.findings).toMatchObject([{ field: 'payload' }])
    expect(fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED', 51).verdict.outcome).toBe('accepted')
    expect(fixture.views.server.at(-1)?.event.read).toMatchObject([{ name: 'request', text: REQUEST.replaceAll('\n', '\r\n') }])
  })

  it('is read when its last octet has come, in however many segments', () => {
    const fixture = open()
    write(fixture, 'client', REQUEST)
    fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED', 20)
    expect(fixture.world.hosts.server.readMessages).toEqual([])
    expect(fixture.world.seats.client.milestones.find(({ id }) => id === 'sends')?.status).toBe('open')
    fixture.send('client', 'A', 'x+21', 'y+1', 'ESTABLISHED', 31)
    expect(fixture.world.hosts.server.readMessages).toEqual(['request'])
    expect(fixture.world.seats.client.milestones.find(({ id }) => id === 'sends')?.status).toBe('met')
  })

  it('RFC 9293 3.10.2: is no use before the connection stands', () => {
    const fixture = new RoundFixture(exercise)
    expect(write(fixture, 'client', REQUEST).verdict.findings).toMatchObject([
      { field: 'message', misconception: 'tls-before-tcp' },
    ])
  })

  it('RFC 9112 9.2: of the server waits for the request, even where the client has written it', () => {
    const fixture = open()
    write(fixture, 'client', REQUEST)
    expect(write(fixture, 'server', RESPONSE).verdict.findings).toMatchObject([{ misconception: 'http-answer-unasked' }])
    fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED', 51)
    expect(write(fixture, 'server', RESPONSE.replace('19', '18')).verdict.findings).toMatchObject([
      { given: '18', misconception: 'http-length-wrong' },
    ])
    expect(write(fixture, 'server', RESPONSE).verdict.outcome).toBe('accepted')
  })

  it('that is well formed and not what the application wants to say costs nothing', () => {
    const fixture = open()
    for (const text of [REQUEST.replace('hello', 'other'), REQUEST.replace('\n\n', '\nConnection: close\n\n')])
      expect(write(fixture, 'client', text).verdict).toMatchObject({ outcome: 'barred', reason: 'not-wanted' })
    expect(write(fixture, 'client', REQUEST.replace('\n\n', '\nAccept: text/html\n\n')).verdict.outcome).toBe('accepted')
  })

  it('that crossed its cause is no mistake: the answer was composed before the request was there to see', () => {
    const fixture = open()
    write(fixture, 'client', REQUEST)
    fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED', 51)
    expect(write(fixture, 'client', REQUEST).verdict).toMatchObject({ outcome: 'barred', reason: 'not-wanted' })
  })

  it('that the other seat has written is seen by nobody before it has arrived', () => {
    const fixture = open()
    const before = fixture.views.server.length
    write(fixture, 'client', REQUEST)
    expect(fixture.views.server.length).toBe(before)
    expect(JSON.stringify(fixture.views.server)).not.toContain('GET')
  })

  it('is written by the invigilator after the last attempt', () => {
    const fixture = open()
    for (let i = 0; i < 4; i++) write(fixture, 'client', `give me page ${i}`)
    expect(fixture.entries.at(-1)?.effects).toContainEqual(expect.objectContaining({ kind: 'wrote', name: 'request' }))
    expect(fixture.views.client.at(-1)?.event.wrote).toMatchObject([{ name: 'request', octets: 51 }])
  })
})

describe('the built-in partner', () => {
  it('asks and answers as a person would', () => {
    const fixture = new RoundFixture(exercise, 'standard')
    for (let i = 0; i < 60 && !fixture.world.over; i++)
      for (const seat of ['client', 'server'] as const) {
        const move = choosePartnerMove(fixture.world, seat, { style: 'piggybacking', pace: 'at-once' })
        if (move) expect(fixture.act(seat, move.action).verdict.outcome).toBe('accepted')
      }
    expect(fixture.world.over).toBe('goal')
    expect(fixture.views.client.flatMap(({ event }) => event.read ?? [])).toMatchObject([{ name: 'response' }])
  })
})
