import { describe, expect, it } from 'vitest'
import type { Tile } from '../../contract/answers.ts'
import { buildTileRound, type RoundInfo } from '../../server/lessons/tiles.ts'
import { startTileFeed } from '../../server/live/tile-feed.ts'
import type { RoundEvent } from '../../server/rounds/live-round.ts'
import { exercises } from '../support/exercises.ts'
import { RoundFixture } from '../support/round-fixture.ts'
import { manualTime } from '../support/time.ts'

const handshake = exercises.get('handshake')!

const info = (id: string, more: Partial<RoundInfo> = {}): RoundInfo => ({
  id,
  session: 'lesson',
  pair: {
    pair: `pair-of-${id}`,
    number: 1,
    message: '',
    members: [
      { id: 'ann', name: 'Ann' },
      { id: 'bob', name: 'Bob' },
    ],
  },
  leg: 1,
  legs: 2,
  client: 'ann',
  server: 'bob',
  network: null,
  ...more,
})

/** A handshake whose SYN has arrived. */
function begun(): RoundFixture {
  const fixture = new RoundFixture(handshake)
  fixture.call('server', { call: 'OPEN', mode: 'passive' })
  fixture.call('client', { call: 'OPEN', mode: 'active' })
  fixture.send('client', 'S', 'x', '', 'SYN-SENT')
  return fixture
}
const tile = (fixture: RoundFixture, more: Partial<RoundInfo> = {}) =>
  buildTileRound(info('round-1', more), fixture.world, fixture.entries)

describe('a tile', () => {
  it('shows states, progress and arrows', () => {
    const fixture = begun()
    expect(tile(fixture)).toMatchObject({
      id: 'round-1',
      exercise: 'handshake',
      leg: 1,
      client: 'ann',
      server: 'bob',
      index: fixture.entries.length,
      states: { client: 'SYN-SENT', server: 'SYN-RECEIVED' },
      arrows: 'c',
      refusals: 0,
      last: null,
      over: null,
      finished: false,
    })
    expect(tile(fixture).progress.client.met).toBeGreaterThan(0)
  })

  it('counts refusals since the last accepted act, and shows the last one as it was typed', () => {
    const fixture = begun()
    fixture.send('server', 'SA', 'y', 'x+2', 'SYN-RECEIVED')
    fixture.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED')
    expect(tile(fixture)).toMatchObject({
      arrows: 'cyy',
      refusals: 2,
      last: { seat: 'server', field: 'ack', given: 'x', misconception: 'syn-consumes-one' },
      mistakes: ['ack-beyond-sent', 'syn-consumes-one'],
    })
    fixture.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
    expect(tile(fixture)).toMatchObject({
      arrows: 'cyys',
      refusals: 0,
      last: null,
      mistakes: ['ack-beyond-sent', 'syn-consumes-one'],
    })
  })

  it('a bought hint is no progress', () => {
    const fixture = begun()
    fixture.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED')
    fixture.act('server', { kind: 'hint' })
    expect(tile(fixture).refusals).toBe(1)
  })

  it('shows the last twelve arrows', () => {
    const fixture = begun()
    for (let i = 0; i < 3; i++) fixture.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED')
    for (let i = 0; i < 20; i++) fixture.send('client', 'SA', '0', '0', 'ESTABLISHED')
    expect(tile(fixture).arrows).toHaveLength(12)
  })

  it('is finished when the last leg is over, or when the class has moved on', () => {
    const fixture = begun()
    fixture.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
    fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED')
    fixture.claim('server', 'ESTABLISHED')
    expect(tile(fixture, { leg: 1 })).toMatchObject({ over: 'goal', finished: false })
    expect(tile(fixture, { leg: 2 })).toMatchObject({ over: 'goal', finished: true })
    const cut = begun()
    cut.control({ kind: 'control', control: 'end', why: 'moved-on' })
    expect(tile(cut, { leg: 1 })).toMatchObject({ over: 'moved-on', finished: true })
  })
})

describe('the board', () => {
  const settled = () => new Promise((resolve) => setImmediate(resolve))

  function open({ watched = true } = {}) {
    const time = manualTime()
    const sent: { session: string; tiles: readonly Tile[] }[] = []
    let publish: (event: RoundEvent) => void = () => {}
    let changePairs: (pairs: readonly string[]) => void = () => {}
    /** How the first member of each pair is called. */
    const names = { first: 'Ann' }
    startTileFeed({
      rounds: { subscribe: (listener) => void (publish = listener) },
      lessons: {
        async readRound(id) {
          const { pair, ...round } = info(id, { session: id.startsWith('x') ? 'another' : 'lesson' })
          return { ...round, pair: { ...pair, members: [{ id: 'ann', name: names.first }] } }
        },
      },
      onPairsChanged: (listener) => void (changePairs = listener),
      isAnythingWatched: () => true,
      isWatched: () => watched,
      send: (session, tiles) => sent.push({ session, tiles }),
      after: time.after,
    })
    const moved = (roundId: string, fixture: RoundFixture) => {
      const entry = { ...fixture.entries.at(-1)!, roundId }
      const news: RoundEvent = {
        entry,
        world: fixture.world,
        entries: [...fixture.entries],
        views: { client: null, server: null, network: null },
        source: 'local',
        connectionId: null,
      }
      publish(news)
    }
    return { time, sent, moved, names, changePairs: (pairs: readonly string[]) => changePairs(pairs) }
  }

  it('sends a session’s tiles at most four times a second, and never loses the last', async () => {
    const { time, sent, moved } = open()
    const fixture = begun()
    for (let ms = 0; ms < 1_000; ms += 10) {
      fixture.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED')
      moved('round-1', fixture)
      time.pass(10)
      await settled()
    }
    expect(sent.length).toBeLessThanOrEqual(5)
    time.pass(250)
    await settled()
    expect(sent.at(-1)?.tiles).toMatchObject([{ pair: 'pair-of-round-1', round: { index: fixture.entries.length } }])
    time.pass(10_000)
    await settled()
    expect(sent.length).toBeLessThanOrEqual(6)
  })

  it('reads who is in a pair again once that has changed', async () => {
    const { time, sent, moved, names, changePairs } = open()
    const nameAfter = async (name: string) => {
      names.first = name
      moved('round-1', begun())
      time.pass(250)
      await settled()
      return sent.at(-1)?.tiles[0]?.members[0]?.name
    }
    expect(await nameAfter('Ann')).toBe('Ann')
    expect(await nameAfter('Anna')).toBe('Ann')
    changePairs(['pair-of-round-1'])
    expect(await nameAfter('Anna')).toBe('Anna')
  })

  it('sends only what has changed, each session its own', async () => {
    const { time, sent, moved } = open()
    const fixture = begun()
    moved('round-1', fixture)
    await settled()
    for (const round of ['round-2', 'x-round', 'round-3', 'round-2']) moved(round, fixture)
    time.pass(250)
    await settled()
    expect(sent.map(({ session, tiles }) => [session, ...tiles.map(({ pair }) => pair)])).toEqual([
      ['lesson', 'pair-of-round-1'],
      ['another', 'pair-of-x-round'],
      ['lesson', 'pair-of-round-3', 'pair-of-round-2'],
    ])
  })

  it('sends nothing that nobody watches, and nothing of what is tried after the end', async () => {
    const unwatched = open({ watched: false })
    unwatched.moved('round-1', begun())
    const { sent, moved } = open()
    const fixture = begun()
    fixture.control({ kind: 'control', control: 'end', why: 'ended' })
    fixture.call('client', { call: 'CLOSE' })
    moved('round-1', fixture)
    await settled()
    expect([unwatched.sent, sent]).toEqual([[], []])
  })
})
