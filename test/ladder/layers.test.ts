import { describe, expect, it } from 'vitest'
import { listCarriedMessages, filterByLayer, listLayers } from '../../client/src/ladder/layer-filter.ts'
import { buildRowsFromViews } from '../../client/src/ladder/rows.ts'
import { loadExercises } from '../../exercises/load.ts'
import type { PayloadSpan } from '../../protocol/round/fold/payload-layout.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const exercises = loadExercises('exercises')
const rowsOf = (id: string) => buildRowsFromViews(new RoundFixture(exercises.get(id)!).play().views.client, 'client')

describe('a ladder', () => {
  it.each([
    ['handshake', ['tcp']],
    ['http', ['tcp', 'http']],
    ['https-full', ['tcp', 'tls', 'http']],
  ])('of %s has the layers %o', (id, layers) => {
    expect(listLayers(rowsOf(id))).toEqual(layers)
  })

  it('of TCP is all of it', () => {
    const rows = rowsOf('https-full')
    expect(filterByLayer(rows, 'tcp')).toBe(rows)
  })

  it('of TLS has what carries its messages, HTTP’s among them, and neither a SYN nor a pure ACK', () => {
    const carried = filterByLayer(rowsOf('https-full'), 'tls').flatMap((row) =>
      'segment' in row ? [listCarriedMessages(row.segment.payload ?? [], 'tls').map(({ message }) => message)] : [],
    )
    expect(carried).toEqual([
      ['ClientHello'],
      // The flight does not fit one segment of 1460 octets.
      ['ServerHello', 'EncryptedExtensions', 'Certificate'],
      ['Certificate', 'CertificateVerify', 'Finished'],
      ['Finished', 'request'],
      ['response'],
      ['close_notify'],
      ['close_notify'],
    ])
  })

  it('of HTTP has the request and the response', () => {
    const carried = filterByLayer(rowsOf('https-full'), 'http').flatMap((row) =>
      'segment' in row
        ? listCarriedMessages(row.segment.payload ?? [], 'http').map(({ message, encrypted }) => ({ of: message, encrypted }))
        : [],
    )
    expect(carried).toEqual([
      { of: 'request', encrypted: true },
      { of: 'response', encrypted: true },
    ])
  })

  it('keeps the attempts to write a message, and none to send a segment', () => {
    const fixture = new RoundFixture(exercises.get('https-rsa')!, 'guided', undefined, { tcp: 'by-hand' })
    fixture.act('client', { kind: 'write', message: { kind: 'tls', choice: { say: 'Finished' } } })
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    const rows = buildRowsFromViews(fixture.views.client, 'client')
    const tried = filterByLayer(rows, 'tls').flatMap((row) => (row.kind === 'refused' ? [row.act.kind] : []))
    expect(rows.filter(({ kind }) => kind === 'refused')).toHaveLength(2)
    expect(tried).toEqual(['write'])
  })
})

describe('the messages of a segment', () => {
  const header: PayloadSpan = { layer: 'record', of: 'Certificate', octets: 5 }
  const body: PayloadSpan = { layer: 'tls', of: 'Certificate', octets: 900 }

  it('are counted with the headers of their records', () => {
    expect(listCarriedMessages([header, body], 'tls')).toEqual([
      { message: 'Certificate', octets: 905, encrypted: false, whole: true },
    ])
  })

  it.each([
    ['its end', [header, { ...body, octets: 100, messageOctets: 900 }]],
    ['its beginning', [{ ...body, octets: 800, messageOctets: 900 }]],
    ['half of its header', [{ ...header, octets: 2, messageOctets: 5 }, body]],
    ['all but its header', [header]],
  ])('are not whole without %s', (_, pieces) => {
    expect(listCarriedMessages(pieces, 'tls').map(({ whole }) => whole)).toEqual([false])
  })

  it('of the same name one after the other stay two', () => {
    const pieces: PayloadSpan[] = ['close_notify', 'close_notify'].flatMap((of) => [
      { layer: 'record', of: of as PayloadSpan['of'], octets: 5 },
      { layer: 'tls', of: of as PayloadSpan['of'], octets: 26, encrypted: true },
    ])
    expect(listCarriedMessages(pieces, 'tls').map(({ octets }) => octets)).toEqual([31, 31])
  })
})
