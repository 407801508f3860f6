import type { Seat } from '../../protocol/seat.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import { buildRowsFromLog } from '../../client/src/timeline/rows-from-log.ts'
import { readTimeline } from '../../protocol/round/fold/timeline.ts'
import { formatSegmentParts } from '../../client/src/ladder/segment-label.ts'
import { buildRowsFromViews, type LadderRow } from '../../client/src/ladder/rows.ts'
import { buildRowsFromWire } from '../../client/src/wire/rows-from-wire.ts'
import type { Scene } from '../../protocol/round/model/exercise.ts'
import { exercises } from '../support/exercises.ts'
import { RoundFixture } from '../support/round-fixture.ts'

/** A row as one line of text. */
const written = (row: LadderRow): string => {
  const what = () => {
    switch (row.kind) {
      case 'clock':
        return `${row.elapsedMs}`
      case 'scene':
        return `${row.number}`
      case 'sent':
      case 'arrived':
        return formatSegmentParts(row.segment)
          .map((p) => p.text)
          .join(' ')
      case 'refused':
        return [row.act.kind, ...row.faults.map(({ field, want }) => (want === null ? field : `${field} ${want}`))].join(' ')
      case 'lost':
        return `${formatSegmentParts(row.segment)[0]?.text} ${row.why}`
      case 'called':
        return `${row.call.call} by ${row.by}`
      case 'state':
        return row.state
      case 'fired':
        return row.timer
      case 'discarded':
        return ''
    }
  }
  return [...('seat' in row ? [row.seat] : []), row.kind, what()].join(' ').trim()
}

describe('the rows of a handshake with refusals', () => {
  let fixture: RoundFixture
  const seen = (seat: Seat) => buildRowsFromViews(fixture.views[seat], seat).map(written)
  const truth = () => buildRowsFromLog(readTimeline(fixture.entries)).map(written)

  beforeEach(() => {
    fixture = new RoundFixture(exercises.get('handshake')!)
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    fixture.call('client', { call: 'OPEN', mode: 'active' })
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    fixture.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED')
    fixture.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
  })

  it('a seat sees its own refusal, without the wanted value, and what it sent', () => {
    expect(seen('server')).toEqual([
      'server state CLOSED',
      'server called OPEN by seat',
      'server state LISTEN',
      'server arrived SYN seq=x',
      'server refused send ack',
      'server sent SYN,ACK seq=y ack=x+1',
      'server state SYN-RECEIVED',
    ])
  })

  it('a seat sees nothing of what its peer tries, calls, or is in', () => {
    expect(seen('client')).toEqual([
      'client state CLOSED',
      'client called OPEN by seat',
      'client sent SYN seq=x',
      'client state SYN-SENT',
      'client arrived SYN,ACK seq=y ack=x+1',
    ])
  })

  it('the teacher sees both sides: each state when it is reached, each refusal with what was wanted', () => {
    expect(truth()).toEqual([
      'client state CLOSED',
      'server state CLOSED',
      'server called OPEN by seat',
      'server state LISTEN',
      'client called OPEN by seat',
      'client sent SYN seq=x',
      'client state SYN-SENT',
      'server arrived SYN seq=x',
      'server state SYN-RECEIVED',
      'server refused send ack x+1',
      'server sent SYN,ACK seq=y ack=x+1',
      'client arrived SYN,ACK seq=y ack=x+1',
      'client state ESTABLISHED',
    ])
  })

  it('rows are only ever added', () => {
    for (const rows of [
      (n: number) => buildRowsFromLog(readTimeline(fixture.entries.slice(0, n))),
      (n: number) => buildRowsFromViews(fixture.views.server.slice(0, n), 'server'),
    ]) {
      const all = rows(99)
      for (let n = 0; n < 9; n++) expect(all.slice(0, rows(n).length)).toEqual(rows(n))
    }
  })

  it('a wrong claim is a refusal of its own, a right one shows as the state', () => {
    fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED')
    fixture.claim('server', 'CLOSED')
    fixture.claim('server', 'ESTABLISHED')
    expect(seen('server').slice(-3)).toEqual([
      'server arrived ACK seq=x+1 ack=y+1',
      'server refused claim state',
      'server state ESTABLISHED',
    ])
    expect(truth().slice(-2)).toEqual(['server state ESTABLISHED', 'server refused claim state ESTABLISHED'])
  })

  it('what the invigilator plays is marked', () => {
    for (const ack of ['y', 'y+2', 'y+3', 'y+4']) fixture.send('client', 'A', 'x+1', ack, 'ESTABLISHED')
    const last = (rows: LadderRow[]) => rows.findLast((row) => row.kind === 'sent')
    expect(last(buildRowsFromViews(fixture.views.client, 'client'))).toMatchObject({ seat: 'client', by: 'invigilator' })
    expect(last(buildRowsFromLog(readTimeline(fixture.entries)))).toMatchObject({ seat: 'client', by: 'invigilator' })
  })
})

describe('the rows of a handshake at exam', () => {
  it('a refusal is told without its faults', () => {
    const fixture = new RoundFixture(exercises.get('handshake')!, 'exam')
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    fixture.call('client', { call: 'OPEN', mode: 'active' })
    fixture.send('client', 'S', '7', '', 'SYN-SENT')
    expect(buildRowsFromViews(fixture.views.client, 'client').map(written).at(-1)).toBe('client refused send')
    expect(buildRowsFromLog(readTimeline(fixture.entries)).map(written).at(-1)).toBe('client refused send seq 1000')
  })
})

describe('the rows of a four-way close', () => {
  it('2MSL is one wait, and then the TIME-WAIT timer of the side that closed first', () => {
    const fixture = new RoundFixture(exercises.get('close-client')!)
    fixture.call('client', { call: 'CLOSE' })
    fixture.send('client', 'FA', 'u', 'v', 'FIN-WAIT-1')
    fixture.call('server', { call: 'CLOSE' })
    fixture.send('server', 'FA', 'v', 'u+1', 'LAST-ACK')
    fixture.send('client', 'A', 'u+1', 'v+1', 'TIME-WAIT')
    fixture.act('server', { kind: 'claim', event: fixture.views.server.at(-1)!.n, state: 'CLOSED' })
    fixture.act('client', { kind: 'wait' })
    fixture.act('server', { kind: 'wait' })
    // Less the delay of the last segment, if its arrival is shown.
    const about2MSL = expect.stringMatching(/^clock (239950|240000)$/) as string
    expect(buildRowsFromLog(readTimeline(fixture.entries)).slice(-3).map(written)).toEqual([
      about2MSL,
      'client fired time-wait',
      'client state CLOSED',
    ])
    expect(buildRowsFromViews(fixture.views.client, 'client').slice(-2).map(written)).toEqual([about2MSL, 'client fired time-wait'])
    expect(buildRowsFromViews(fixture.views.server, 'server').slice(-1).map(written)).toEqual([about2MSL])
  })
})

describe('what stands at an arrow', () => {
  const segment = { bits: 0x10, seq: 'x+1', ack: 'y+1', length: 0 }

  it('names the bits in the project’s order, and leaves out what is empty', () => {
    expect(formatSegmentParts({ ...segment, bits: 0x12 }).map((p) => p.text)).toEqual(['SYN,ACK', 'seq=x+1', 'ack=y+1'])
    expect(formatSegmentParts({ ...segment, ack: null, length: 20 }).map((p) => p.text)).toEqual(['ACK', 'seq=x+1', 'data=20'])
  })

  it('shows what is empty where that is the fault', () => {
    expect(formatSegmentParts({ ...segment, bits: 0, ack: '' }, ['flags', 'ack', 'payload'])).toEqual([
      { text: '–', wrong: true },
      { text: 'seq=x+1', wrong: false },
      { text: 'ack=–', wrong: true },
      { text: 'data=0', wrong: true },
    ])
  })
})

describe('the rows of a wire with faults', () => {
  const handshake = exercises.get('handshake')!
  const plain = handshake.scenes[0] as Scene
  const begun = (more: Partial<Scene>): RoundFixture => {
    const fixture = new RoundFixture({ ...handshake, scenes: [{ ...plain, ...more }] })
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    return fixture
  }
  const wire = (fixture: RoundFixture) =>
    buildRowsFromLog(readTimeline(fixture.entries)).filter(({ kind }) => ['sent', 'arrived', 'lost'].includes(kind))

  it('a segment that is lost has left, and never arrives', () => {
    const fixture = begun({ wire: [{ on: { from: 'client', sends: 'SYN' }, do: 'drop' }] })
    fixture.call('client', { call: 'OPEN', mode: 'active' })
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    expect(wire(fixture).map(written)).toEqual(['client sent SYN seq=x', 'client lost SYN dropped'])
  })

  it('one that was long on its way says how long it lived', () => {
    const faults: Scene['wire'] = [
      { on: { from: 'client', sends: 'SYN' }, do: 'drop', after: 900 },
      { on: { from: 'server', sends: 'SYN' }, do: 'delay', after: 700 },
    ]
    const fixture = begun({ wire: faults }).play()
    expect(wire(fixture).flatMap((row) => ('transitMs' in row ? [[row.kind, row.seat, row.transitMs]] : []))).toEqual([
      ['lost', 'client', 900],
      ['arrived', 'client', 700],
    ])
  })

  it('one that no seat sent arrives out of the wire, and says what it is', () => {
    const fixture = begun({
      names: { ...plain.names, z: { of: 'client', is: 'earlier' } },
      injections: [{ as: 'stale', to: 'server', when: { been: 'LISTEN' }, segment: { flags: ['SYN'], seq: 'z' } }],
    })
    expect(wire(fixture)).toMatchObject([{ kind: 'arrived', seat: 'server', segment: { bits: 2, origin: 'stale' } }])
  })

  it('what goes to a stranger stands below what has come from there, with the stranger’s own number', () => {
    const fixture = begun({
      names: { ...plain.names, w: { of: 'client', is: 'stranger' } },
      injections: [
        { as: 'stranger', from: '192.0.2.17', to: 'server', when: { been: 'LISTEN' }, segment: { flags: ['SYN'], seq: 'w+7' } },
      ],
    })
    const rows = buildRowsFromViews(fixture.views.server, 'server').filter(({ kind }) => ['sent', 'arrived'].includes(kind))
    expect(rows).toMatchObject([
      { kind: 'arrived', segment: { seq: 'w+7' } },
      { kind: 'sent', segment: { ack: 'w+8' } },
    ])
  })

  it('a copy is known as one', () => {
    const fixture = begun({})
    fixture.control({ kind: 'control', control: 'stop-wire' })
    fixture.call('client', { call: 'OPEN', mode: 'active' })
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    fixture.wire('teacher', { kind: 'wire', wire: 'duplicate', segment: 1 })
    for (const segment of [1, 2]) fixture.wire('teacher', { kind: 'wire', wire: 'pass', segment })
    expect(wire(fixture).map((row) => 'segment' in row && [row.kind, row.segment.id, row.segment.origin])).toEqual([
      ['sent', 1, undefined],
      ['arrived', 1, undefined],
      ['arrived', 2, 'copy'],
    ])
  })

  it('to the network seat its own doings are what they are: a copy, an old segment, a forged one', () => {
    const network: Scene['network'] = {
      may: ['duplicate', 'inject'],
      injections: [
        { as: 'stale', to: 'server', segment: { flags: ['SYN'], seq: 'x+9' } },
        { as: 'forged', to: 'client', segment: { flags: ['RST'], seq: 'y' } },
      ],
    }
    const fixture = new RoundFixture({ ...handshake, scenes: [{ ...plain, network }] }, 'guided', undefined, { network: true })
    fixture.call('client', { call: 'OPEN', mode: 'active' })
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    for (const injection of [0, 1]) fixture.wire('network', { kind: 'wire', wire: 'inject', injection })
    const rows = buildRowsFromWire(fixture.wireViews)
    expect(rows.map((row) => 'segment' in row && [row.kind, row.segment.origin])).toEqual([
      ['arrived', 'stale'],
      ['arrived', 'forged'],
    ])
  })

  it('strangers are named: whose SYN it is, to whom the answer goes, and that nobody is there', () => {
    const fixture = begun({
      backlog: 1,
      injections: ['10.0.0.7', '10.0.0.8'].map((from) => ({
        as: 'stranger',
        from,
        to: 'server',
        when: { been: 'LISTEN' },
        segment: { flags: ['SYN'], seq: 'x' },
      })),
    })
    expect(wire(fixture).map((row) => `${written(row)} ${'segment' in row ? row.segment.stranger : ''}`)).toEqual([
      'server arrived SYN seq=x 10.0.0.7',
      'server sent SYN,ACK seq=y ack=x+1 10.0.0.7',
      'server lost SYN,ACK vanished 10.0.0.7',
      'client lost SYN backlog 10.0.0.8',
    ])
  })
})
