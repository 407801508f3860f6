/** Which parts of messages the segments of a played round contain. */
import type { Seat } from '../../protocol/seat.ts'
import { describe, expect, it } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import type { SegmentView } from '../../protocol/round/view/seat-view.ts'
import type { InstantiateOptions } from '../../protocol/round/setup/instantiate.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const exercises = loadExercises('exercises')
const stageOf = (id: string, wishes: InstantiateOptions = {}) => new RoundFixture(exercises.get(id)!, 'guided', undefined, wishes)
const sentBy = (fixture: RoundFixture, seat: Seat): SegmentView[] => fixture.views[seat].flatMap(({ event: { sent = [] } }) => sent)

describe.each(['https-rsa', 'https-tls13', 'https-full'])('the segments of %s', (id) => {
  const fixture = stageOf(id).play()
  const segments = (['client', 'server'] as const).flatMap((seat) => sentBy(fixture, seat))

  it('RFC 9293 3.4: every octet of data belongs to something', () => {
    for (const { length, payload = [] } of segments) expect(payload.reduce((sum, { octets }) => sum + octets, 0)).toBe(length)
  })

  it('RFC 8446 5.1, RFC 5246 6.2.1: each message lies behind a record header of five octets', () => {
    const pieces = segments.flatMap(({ payload = [] }) => payload)
    const headers = pieces.filter(({ layer }) => layer === 'record')
    // What follows in the next segment has no header of its own.
    const begun = pieces.filter(
      ({ layer, of }, i) => layer !== 'record' && (pieces[i - 1]?.layer === 'record' || pieces[i - 1]?.of !== of),
    )
    expect(headers.map(({ of }) => of)).toEqual(begun.map(({ of }) => of))
    expect(new Set(headers.map(({ octets }) => octets))).toEqual(new Set([5]))
    expect(headers.some(({ encrypted }) => encrypted)).toBe(false)
  })

  it('tell of HTTP how much of it there is before it is encrypted', () => {
    const wrote = (['client', 'server'] as const).flatMap((seat) => fixture.views[seat].flatMap(({ event }) => event.wrote ?? []))
    const texts = wrote.flatMap(({ text }) => (text === undefined ? [] : [Buffer.byteLength(text.replace(/\r?\n/g, '\r\n'))]))
    const http = segments.flatMap(({ payload = [] }) => payload).filter(({ layer }) => layer === 'http')
    expect(http.map(({ plaintextOctets }) => plaintextOctets)).toEqual(texts)
    for (const { octets, plaintextOctets = 0, encrypted } of http) {
      expect(encrypted).toBe(true)
      expect(octets).toBeGreaterThan(plaintextOctets)
    }
  })
})

describe('a message in two segments', () => {
  const fixture = stageOf('https-rsa', { tcp: 'by-hand' })
  fixture.act('client', { kind: 'write', message: { kind: 'tls', choice: { say: 'ClientHello' } } })
  const length = fixture.views.client.at(-1)!.now.unsentOctets
  fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED', 3)
  fixture.send('client', 'A', 'x+4', 'y+1', 'ESTABLISHED', length - 3)

  it('is told as a part of the whole in each, its record’s header as well', () => {
    expect(sentBy(fixture, 'client').map(({ payload }) => payload)).toEqual([
      [{ layer: 'record', of: 'ClientHello', octets: 3, messageOctets: 5 }],
      [
        { layer: 'record', of: 'ClientHello', octets: 2, messageOctets: 5 },
        { layer: 'tls', of: 'ClientHello', octets: length - 5 },
      ],
    ])
  })

  it('RFC 9293 3.8.1: lies the same way in what is sent again', () => {
    fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED', 3)
    const [first] = sentBy(fixture, 'client')
    expect(sentBy(fixture, 'client').at(-1)?.payload).toEqual(first?.payload)
  })
})

it('RFC 9112 2.1: without TLS an HTTP message is its own octets, and nothing else', () => {
  const fixture = stageOf('http').play()
  const pieces = (['client', 'server'] as const).flatMap((seat) => sentBy(fixture, seat)).flatMap(({ payload = [] }) => payload)
  expect(new Set(pieces.map(({ layer }) => layer))).toEqual(new Set(['http']))
  expect(pieces.some(({ encrypted, plaintextOctets }) => encrypted || plaintextOctets !== undefined)).toBe(false)
})
