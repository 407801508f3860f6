/** The table of situations in docs/teachers.md: each is played here, and must give the points that stand there. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { peerOf, type Seat, SEATS } from '../../protocol/seat.ts'
import { openQuestion } from '../../protocol/round/fold/progress.ts'
import { computeScore, POINT_EIGHTHS, type Score } from '../../protocol/round/fold/score.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const exercises = loadExercises('exercises')
const begin = (id: string, level: 'guided' | 'exam' = 'guided') => new RoundFixture(exercises.get(id)!, level)

/** The handshake, up to where the server has to answer the SYN. */
const atSynAck = (level?: 'guided' | 'exam') => begin('handshake', level).play(({ hosts }) => hosts.server.received.includes('SYN'))
const answerWith = (fixture: RoundFixture, ...acks: string[]): RoundFixture => {
  for (const ack of acks) expect(fixture.send('server', 'SA', 'y', ack, 'SYN-RECEIVED').verdict.outcome).toBe('refused')
  return fixture
}
const absence = (fixture: RoundFixture, control: 'takeover' | 'return', seat: Seat = 'server') =>
  fixture.control({ kind: 'control', control, seat })
const bell = (fixture: RoundFixture) => fixture.control({ kind: 'control', control: 'end', why: 'moved-on' })
const closeNotify = (sure: boolean) =>
  ({ kind: 'write', message: { kind: 'tls', choice: { say: 'Alert', alert: 'close_notify' } }, sure }) as const

/** What a TLS client has who says hello and then goodbye, and what its partner has. */
function saidGoodbye(): { readonly [S in Seat]: Score } {
  const fixture = begin('https-certificate').play(({ hosts }) => hosts.client.sent.data === 1)
  expect(fixture.act('client', closeNotify(false)).verdict.outcome).toBe('asked')
  expect(fixture.act('client', closeNotify(true)).verdict.outcome).toBe('accepted')
  return bothOf(fixture.play())
}

const bothOf = ({ world }: RoundFixture) => ({ client: computeScore(world, 'client'), server: computeScore(world, 'server') })
const ofServer = (fixture: RoundFixture): Score => bothOf(fixture).server

/** By the first column of the table. */
const SITUATIONS: Readonly<Record<string, () => Score>> = {
  'Everything is right': () => ofServer(atSynAck().play()),
  'The ack of the SYN,ACK is wrong in four ways; the system plays it': () =>
    ofServer(answerWith(atSynAck(), 'x', 'x+2', 'x+3', 'x+4').play()),
  'All three hints for the SYN,ACK are bought': () => {
    const fixture = atSynAck()
    for (let rung = 0; rung < 3; rung++) expect(fixture.act('server', { kind: 'hint' }).verdict.outcome).toBe('accepted')
    return ofServer(fixture.play())
  },
  'The same wrong SYN,ACK is sent three times': () => ofServer(answerWith(atSynAck(), 'x', 'x', 'x').play()),
  'Wait is pressed three times while the SYN,ACK is due': () => {
    const fixture = atSynAck()
    for (let time = 0; time < 3; time++) expect(fixture.act('server', { kind: 'wait' }).verdict.outcome).toBe('refused')
    return ofServer(fixture.play())
  },
  'A SYN,ACK is sent before a SYN has come': () => {
    const fixture = begin('handshake')
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    return ofServer(answerWith(fixture, 'x+1', 'x', 'y').play())
  },
  'The first answer to the closing question is wrong': () => {
    const fixture = atSynAck().play((world) => openQuestion(world, 'server') !== undefined)
    const { id, order, right } = openQuestion(fixture.world, 'server')!
    const wrong = order.find((choice) => choice !== right)!
    expect(fixture.act('server', { kind: 'answer', question: id, choice: wrong }).verdict.outcome).toBe('refused')
    return ofServer(fixture.play())
  },
  'Away for a minute after the passive OPEN; the stand-in plays the SYN,ACK': () => {
    const fixture = begin('handshake')
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    absence(fixture, 'takeover')
    fixture.play(({ hosts }) => hosts.server.sent.SYN === 1)
    absence(fixture, 'return')
    return ofServer(fixture.play())
  },
  'Away from when the SYN,ACK is due; the stand-in plays it': () => {
    const fixture = atSynAck()
    absence(fixture, 'takeover')
    fixture.play(({ hosts }) => hosts.server.sent.SYN === 1)
    absence(fixture, 'return')
    return ofServer(fixture.play())
  },
  'You move on while the SYN,ACK is due': () => {
    const fixture = atSynAck()
    bell(fixture)
    return ofServer(fixture)
  },
  'In `https-certificate`, the client says hello, then close_notify, and means it': () => saidGoodbye().client,
  'In `warm-up`, whatever happens': () => {
    const fixture = begin('warm-up')
    const { id, order, right } = openQuestion(fixture.world, 'server')!
    for (const choice of order) if (choice !== right) fixture.act('server', { kind: 'answer', question: id, choice })
    return ofServer(fixture.play())
  },
}

const rows = readFileSync(new URL('../../docs/teachers.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, situation, points] = /^\| (.*?) +\| ([\d¼½¾]+ of \d+|not counted) +\|$/.exec(line) ?? []
    return situation && points ? [{ situation, points }] : []
  })

/** The points in the table of docs/zh/teachers.md, as the English one writes them. */
const chinesePoints = [
  ...readFileSync(new URL('../../docs/zh/teachers.md', import.meta.url), 'utf8').matchAll(
    /^\|.*\| (?:([\d¼½¾]+) \/ (\d+)|不计分) +\|$/gm,
  ),
].map(([, points, of]) => (points ? `${points} of ${of}` : 'not counted'))

const FRACTIONS = ['', '', '¼', '', '½', '', '¾', '']
const inWords = ({ eighths, of }: Score): string =>
  of === 0
    ? 'not counted'
    : `${Math.floor(eighths / POINT_EIGHTHS) || ''}${FRACTIONS[eighths % POINT_EIGHTHS]} of ${of / POINT_EIGHTHS}`.replace(
        /^ /,
        '0 ',
      )

describe('docs/teachers.md: the points of', () => {
  test('twelve situations, no more and no fewer', () => {
    expect(rows.map(({ situation }) => situation)).toEqual(Object.keys(SITUATIONS))
    expect(rows).toHaveLength(12)
  })

  test('the same situations in docs/zh/teachers.md', () => {
    expect(chinesePoints).toEqual(rows.map(({ points }) => points))
  })

  test.each(rows)('$situation: $points', ({ situation, points }) => {
    expect(inWords(SITUATIONS[situation]!())).toBe(points)
  })
})

test('a seat is told its points at the end, as they count: of a free round none, and nothing before the end or in an exam', () => {
  for (const [id, level, of] of [
    ['handshake', 'guided', 5],
    ['warm-up', 'guided', 0],
    ['handshake', 'exam', null],
  ] as const) {
    const { views } = begin(id, level).play()
    const told = views.server.map(({ now }) => now.score)
    expect(told.pop()).toEqual(of === null ? null : { eighths: of * POINT_EIGHTHS, of: of * POINT_EIGHTHS })
    expect(new Set(told)).toEqual(new Set([null]))
  }
})

test('whoever ends a round before its goal costs the partner nothing', () => {
  const { server } = saidGoodbye()
  expect(server.eighths).toBe(server.of)
})

test('whoever the round was waiting for when it was ended keeps what was open in the maximum', () => {
  const fixture = atSynAck()
  expect(fixture.act('client', { kind: 'wait' }).verdict.outcome).toBe('accepted')
  bell(fixture)
  expect(ofServer(fixture)).toEqual({ eighths: 8, of: 3 * 8 })
})

describe('whoever leaves never ends above the one who stayed', () => {
  const play = (world: World, seat: Seat) => choosePartnerMove(world, seat, { style: 'exact', pace: 'at-once' })?.action

  /** Plays on; `errs` makes one mistake in each of its segments. Returns the fixture, with what `leaver` left at act `at`. */
  function playWithAbsence(id: string, leaver: Seat, at: number, errs: boolean, returns: boolean): RoundFixture {
    const fixture = begin(id)
    for (let act = 0; act < 120 && !fixture.world.over; act++) {
      if (act === at) absence(fixture, 'takeover', leaver)
      if (returns && act === at + 4) absence(fixture, 'return', leaver)
      for (const seat of SEATS) {
        const action = play(fixture.world, seat)
        if (!action) continue
        if (errs && seat !== leaver && action.kind === 'send') fixture.act(seat, { ...action, state: 'CLOSING' })
        fixture.act(seat, action)
      }
    }
    return fixture
  }

  const share = ({ eighths, of }: Score) => (of === 0 ? 0 : eighths / of)

  test.each(SEATS.flatMap((leaver) => [true, false].map((returns) => ({ leaver, returns }))))(
    'the $leaver, at whatever moment; returns: $returns',
    ({ leaver, returns }) => {
      for (let at = 1; at < 12; at++) {
        const { [leaver]: left, [peerOf(leaver)]: stayed } = bothOf(playWithAbsence('handshake', leaver, at, false, returns))
        expect(share(left), `left at ${at}`).toBeLessThanOrEqual(share(stayed))
      }
    },
  )

  test.each(SEATS)('the %s, where the round is ended before anybody takes over, whoever it waits for then', (leaver) => {
    for (let acts = 1; acts < 24; acts++) {
      let made = 0
      const fixture = begin('handshake').play(() => made++ >= acts)
      if (fixture.world.over) break
      fixture.control({ kind: 'control', control: 'end', why: 'moved-on', away: [leaver] })
      const { [leaver]: left, [peerOf(leaver)]: stayed } = bothOf(fixture)
      // Unless there is nothing to compare with, or nothing has left its maximum, so that it has earned what it is above by.
      const { milestones } = fixture.world.seats[leaver]
      if (stayed.of > 0 && left.of < milestones.length * POINT_EIGHTHS)
        expect(share(left), `left after ${acts} acts`).toBeLessThanOrEqual(share(stayed))
    }
  })

  test('where both are away when the round is ended, it is as if both had stayed', () => {
    const end = (away: readonly Seat[]) => {
      const fixture = atSynAck()
      fixture.control({ kind: 'control', control: 'end', why: 'moved-on', away })
      return bothOf(fixture)
    }
    expect(end(SEATS)).toEqual(end([]))
  })

  test('where it would be, after mistakes of the one who stayed, nothing of what it missed leaves the maximum', () => {
    for (let at = 1; at < 12; at++) {
      const { client: left, server: stayed } = bothOf(playWithAbsence('handshake', 'client', at, true, true))
      expect(stayed.eighths).toBeLessThan(stayed.of)
      if (left.of < 4 * POINT_EIGHTHS) expect(share(left), `left at ${at}`).toBeLessThanOrEqual(share(stayed))
    }
  })
})
