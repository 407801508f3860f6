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
  const stage = new RoundFixture(handshake)
  stage.call('server', { call: 'OPEN', mode: 'passive' })
  stage.call('client', { call: 'OPEN', mode: 'active' })
  stage.send('client', 'S', 'x', '', 'SYN-SENT')
  return stage
}
const tile = (stage: RoundFixture, more: Partial<RoundInfo> = {}) =>
  buildTileRound(info('round-1', more), stage.world, stage.entries)

describe('a tile', () => {
  it('shows states, progress and arrows', () => {
    const stage = begun()
    expect(tile(stage)).toMatchObject({
      id: 'round-1',
      exercise: 'handshake',
      leg: 1,
      client: 'ann',
      server: 'bob',
      index: stage.entries.length,
      states: { client: 'SYN-SENT', server: 'SYN-RECEIVED' },
      arrows: 'c',
      refusals: 0,
      last: null,
      over: null,
      finished: false,
    })
    expect(tile(stage).progress.client.met).toBeGreaterThan(0)
  })

  it('counts refusals since the last accepted act, and shows the last one as it was typed', () => {
    const stage = begun()
    stage.send('server', 'SA', 'y', 'x+2', 'SYN-RECEIVED')
    stage.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED')
    expect(tile(stage)).toMatchObject({
      arrows: 'cyy',
      refusals: 2,
      last: { seat: 'server', field: 'ack', given: 'x', misconception: 'syn-consumes-one' },
    })
    stage.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
    expect(tile(stage)).toMatchObject({ arrows: 'cyys', refusals: 0, last: null })
  })

  it('a bought hint is no progress', () => {
    const stage = begun()
    stage.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED')
    stage.act('server', { kind: 'hint' })
    expect(tile(stage).refusals).toBe(1)
  })

  it('shows the last twelve arrows', () => {
    const stage = begun()
    for (let i = 0; i < 3; i++) stage.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED')
    for (let i = 0; i < 20; i++) stage.send('client', 'SA', '0', '0', 'ESTABLISHED')
    expect(tile(stage).arrows).toHaveLength(12)
  })

  it('is finished when the last leg is over, or when the class has moved on', () => {
    const stage = begun()
    stage.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
    stage.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED')
    stage.claim('server', 'ESTABLISHED')
    expect(tile(stage, { leg: 1 })).toMatchObject({ over: 'goal', finished: false })
    expect(tile(stage, { leg: 2 })).toMatchObject({ over: 'goal', finished: true })
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
    startTileFeed({
      rounds: { subscribe: (listener) => void (publish = listener) },
      lessons: { readRound: async (id) => info(id, { session: id.startsWith('x') ? 'another' : 'lesson' }) },
      isWatched: () => watched,
      send: (session, tiles) => sent.push({ session, tiles }),
      after: time.after,
    })
    const moved = (roundId: string, stage: RoundFixture) => {
      const entry = { ...stage.entries.at(-1)!, roundId }
      const news: RoundEvent = {
        entry,
        world: stage.world,
        entries: [...stage.entries],
        views: { client: null, server: null, network: null },
        source: 'local',
        connectionId: null,
      }
      publish(news)
    }
    return { time, sent, moved }
  }

  it('sends a session’s tiles at most four times a second, and never loses the last', async () => {
    const { time, sent, moved } = open()
    const stage = begun()
    for (let ms = 0; ms < 1_000; ms += 10) {
      stage.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED')
      moved('round-1', stage)
      time.pass(10)
      await settled()
    }
    expect(sent.length).toBeLessThanOrEqual(5)
    time.pass(250)
    await settled()
    expect(sent.at(-1)?.tiles).toMatchObject([{ pair: 'pair-of-round-1', round: { index: stage.entries.length } }])
    time.pass(10_000)
    await settled()
    expect(sent.length).toBeLessThanOrEqual(6)
  })

  it('sends only what has changed, each session its own', async () => {
    const { time, sent, moved } = open()
    const stage = begun()
    moved('round-1', stage)
    await settled()
    for (const round of ['round-2', 'x-round', 'round-3', 'round-2']) moved(round, stage)
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
    const stage = begun()
    stage.control({ kind: 'control', control: 'end', why: 'ended' })
    stage.call('client', { call: 'CLOSE' })
    moved('round-1', stage)
    await settled()
    expect([unwatched.sent, sent]).toEqual([[], []])
  })
})
