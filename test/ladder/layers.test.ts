import { describe, expect, it } from 'vitest'
import { carriedBy, fold, layersOf } from '../../client/src/ladder/layers.ts'
import { rowsFromViews } from '../../client/src/ladder/rows.ts'
import { loadExercises } from '../../exercises/load.ts'
import type { Piece } from '../../protocol/world/pieces.ts'
import { Stage } from '../support/stage.ts'

const exercises = loadExercises('exercises')
const rowsOf = (id: string) => rowsFromViews(new Stage(exercises.get(id)!).play().views.client, 'client')

describe('a ladder', () => {
  it.each([
    ['handshake', ['tcp']],
    ['http', ['tcp', 'http']],
    ['https-full', ['tcp', 'tls', 'http']],
  ])('of %s has the layers %o', (id, layers) => {
    expect(layersOf(rowsOf(id))).toEqual(layers)
  })

  it('of TCP is all of it', () => {
    const rows = rowsOf('https-full')
    expect(fold(rows, 'tcp')).toBe(rows)
  })

  it('of TLS has what carries its messages, HTTP’s among them, and neither a SYN nor a pure ACK', () => {
    const carried = fold(rowsOf('https-full'), 'tls').flatMap((row) =>
      'segment' in row ? [carriedBy(row.segment.pieces ?? [], 'tls').map(({ of }) => of)] : [],
    )
    expect(carried).toEqual([
      ['ClientHello'],
      ['ServerHello', 'EncryptedExtensions', 'Certificate', 'CertificateVerify', 'Finished'],
      ['Finished', 'request'],
      ['response'],
      ['close_notify'],
      ['close_notify'],
    ])
  })

  it('of HTTP has the request and the response', () => {
    const carried = fold(rowsOf('https-full'), 'http').flatMap((row) =>
      'segment' in row ? carriedBy(row.segment.pieces ?? [], 'http').map(({ of, encrypted }) => ({ of, encrypted })) : [],
    )
    expect(carried).toEqual([
      { of: 'request', encrypted: true },
      { of: 'response', encrypted: true },
    ])
  })

  it('keeps the attempts to write a message, and none to send a segment', () => {
    const stage = new Stage(exercises.get('https-rsa')!)
    stage.act('client', { type: 'write', message: { layer: 'tls', choice: { say: 'Finished' } } })
    stage.send('client', 'S', 'x', '', 'SYN-SENT')
    const rows = rowsFromViews(stage.views.client, 'client')
    const tried = fold(rows, 'tls').flatMap((row) => (row.kind === 'refused' ? [row.act.type] : []))
    expect(rows.filter(({ kind }) => kind === 'refused')).toHaveLength(2)
    expect(tried).toEqual(['write'])
  })
})

describe('the messages of a segment', () => {
  const header: Piece = { layer: 'record', of: 'Certificate', octets: 5 }
  const body: Piece = { layer: 'tls', of: 'Certificate', octets: 900 }

  it('are counted with the headers of their records', () => {
    expect(carriedBy([header, body], 'tls')).toEqual([{ of: 'Certificate', octets: 905, encrypted: false, whole: true }])
  })

  it.each([
    ['its end', [header, { ...body, octets: 100, whole: 900 }]],
    ['its beginning', [{ ...body, octets: 800, whole: 900 }]],
    ['half of its header', [{ ...header, octets: 2, whole: 5 }, body]],
    ['all but its header', [header]],
  ])('are not whole without %s', (_, pieces) => {
    expect(carriedBy(pieces, 'tls').map(({ whole }) => whole)).toEqual([false])
  })

  it('of the same name one after the other stay two', () => {
    const pieces: Piece[] = ['close_notify', 'close_notify'].flatMap((of) => [
      { layer: 'record', of: of as Piece['of'], octets: 5 },
      { layer: 'tls', of: of as Piece['of'], octets: 26, encrypted: true },
    ])
    expect(carriedBy(pieces, 'tls').map(({ octets }) => octets)).toEqual([31, 31])
  })
})
