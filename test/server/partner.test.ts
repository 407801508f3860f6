/** The built-in partner on a node: it plays seats that nobody has, and seats that somebody has left. */
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Place } from '../../contract/places.ts'
import type { ControlAction, WireAction } from '../../protocol/round/model/action.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import { createMemoryLog } from '../../server/rounds/log-memory.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import { LiveRound } from '../../server/rounds/live-round.ts'
import { startSeatTakeover } from '../../server/lessons/seat-takeover.ts'
import { handshakeScript, LISTENS, OPENS, SENDS_SYN } from '../support/handshake.ts'
import { freshWorld } from '../support/live-round.ts'
import { manualTime, type ManualTime } from '../support/time.ts'

let time: ManualTime
let log: RoundLog
beforeEach(() => {
  time = manualTime()
  log = createMemoryLog()
})

const open = () =>
  new LiveRound('round', { log, now: time.now, after: time.after, publish: () => {}, tls: TLS_TOOLS, idleAfterMs: 20_000 })
const alone = (seat: Seat, more: Partial<Script> = {}): Script => ({
  ...handshakeScript(),
  players: { client: 'partner', server: 'partner', [seat]: 'person' },
  ...more,
})

/** A person who makes no mistakes, and takes a minute for each turn. */
async function plays(live: LiveRound, seat: Seat, other: LiveRound | null = null): Promise<void> {
  for (let turn = 0; turn < 40; turn++) {
    time.pass(60_000)
    const world = await freshWorld(live)
    await other?.catchUp()
    if (!world || world.over) return
    const move = choosePartnerMove(world, seat, { style: 'exact', pace: 'at-once' })
    const { length } = await live.readViews(seat, 0)
    if (move) await live.act(seat, { id: `act-${turn}`, seen: length, action: move.action })
  }
}

describe('a seat of the built-in partner', () => {
  it.each(SEATS)('is played without anybody: the %s alone comes to the goal', async (seat) => {
    const live = open()
    await live.start(alone(seat))
    await plays(live, seat)
    const world = await live.readWorld()
    expect(world?.over).toBe('goal')
    const partner = (await log.read('round')).filter(({ actionId }) => actionId.startsWith('partner '))
    expect(partner.length).toBeGreaterThan(2)
    expect(partner.every(({ verdict }) => verdict.outcome === 'accepted')).toBe(true)
  })

  it('is played once, however many nodes hold the round', async () => {
    const [one, other] = [open(), open()]
    await one.start(alone('client'))
    await other.catchUp()
    await plays(one, 'client', other)
    expect((await freshWorld(one))?.over).toBe('goal')
    expect(await freshWorld(other)).toEqual(await one.readWorld())
    const calls = (await log.read('round')).filter(({ actor, action }) => actor === 'server' && action.kind === 'call')
    expect(calls).toHaveLength(1)
  })

  it('acts when its time has come, whatever the person tries meanwhile', async () => {
    const live = open()
    await live.start(alone('client'))
    const rows = async () => (await log.read('round')).filter(({ actor }) => actor === 'server')
    for (let tries = 0; tries < 8 && (await rows()).length === 0; tries++) {
      time.pass(500)
      await live.act('client', { id: `barred-${tries}`, seen: 0, action: { kind: 'claim', event: 0, state: 'CLOSED' } })
      await live.readWorld()
    }
    expect(await rows()).toMatchObject([{ action: LISTENS, verdict: { outcome: 'accepted' } }])
    const tried = (await log.read('round')).filter(({ actor }) => actor === 'client')
    expect(tried.map(({ verdict }) => verdict.outcome)).toEqual(tried.map(() => 'barred'))
  })

  it('takes the time of a person, or none', async () => {
    const [human, quick] = [alone('client'), alone('client', { partner: { style: 'exact', pace: 'at-once' } })]
    for (const [script, rows] of [
      [human, 1],
      [quick, 2],
    ] as const) {
      log = createMemoryLog()
      const live = open()
      await live.start(script)
      time.pass(0)
      await live.readWorld()
      expect(await log.read('round')).toHaveLength(rows)
    }
  })

  it('does not insist on what was not accepted, and nobody else can act in it', async () => {
    const live = open()
    await live.start(alone('client'))
    await expect(live.act('server', { id: 'mine', seen: 1, action: LISTENS })).rejects.toMatchObject({ code: 'conflict' })
    expect(await log.read('round')).toHaveLength(1)
  })
})

describe('a seat that was taken over', () => {
  it('goes back to whoever acts in it; what the partner did meanwhile earns nothing', async () => {
    const live = open()
    await live.start(handshakeScript())
    await live.control('system', { kind: 'control', control: 'takeover', seat: 'server' })
    time.pass(60_000)
    expect((await live.readWorld())?.hosts.server.tcb.state).toBe('LISTEN')
    await live.act('client', { id: 'opens', seen: (await live.readViews('client', 0)).length, action: OPENS })
    await live.act('client', { id: 'sends', seen: (await live.readViews('client', 0)).length, action: SENDS_SYN })
    time.pass(60_000)
    const world = await live.readWorld()
    expect(world?.hosts.client.tcb.state).toBe('ESTABLISHED')
    expect(world?.seats.server.milestones[0]).toMatchObject({ status: 'forfeited' })
    await live.act('server', { id: 'back', seen: (await live.readViews('server', 0)).length, action: { kind: 'wait' } })
    expect((await live.readWorld())?.seats.server.player).toBe('person')
  })
})

describe('whose seat is taken over', () => {
  const GRACE = 60_000
  let present: Set<string>
  /** What the database tells just before a seat is taken over. */
  let refresh: () => Promise<void>
  let changed: (id: string) => void
  let places: (ids: readonly string[]) => void
  let done: string[]
  const partners: { readonly [id: string]: string } = { ann: 'bob', bob: 'ann' }
  const alonePlayers = new Set(['cat'])

  beforeEach(() => {
    present = new Set(['ann', 'bob', 'cat'])
    refresh = () => Promise.resolve()
    done = []
    startSeatTakeover({
      presence: {
        isPresent: (id) => present.has(id),
        refresh: () => refresh(),
        onChange: (listener) => void (changed = (id) => listener(id, 'lesson')),
      },
      cluster: { on: (_kind, listener) => void (places = listener as never) },
      rounds: {
        control: (round: string, action: ControlAction | WireAction) => {
          if (action.kind === 'control' && 'seat' in action) done.push(`${action.control} ${round} ${action.seat}`)
          return Promise.resolve()
        },
      },
      places: {
        countWaiting: () => Promise.resolve(0),
        readPartnerId: (id) => Promise.resolve(partners[id] ?? null),
        readPlaces: (ids) =>
          Promise.resolve(
            ids.map((id) => {
              const partner = alonePlayers.has(id) ? null : (partners[id] ?? null)
              const seat = id === 'ann' ? 'client' : 'server'
              return {
                round: { id: 'round', seat },
                partner: { name: partner, present: partner === null || present.has(partner) },
              } as unknown as Place
            }),
          ),
      },
      retry: (work) => void work(),
      after: time.after,
      graceMs: GRACE,
    })
  })
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  const leaves = (id: string) => {
    present.delete(id)
    changed(id)
  }
  const comes = (id: string) => {
    present.add(id)
    changed(id)
  }

  it('one who has been away for the grace while the other waits; who comes back has it back', async () => {
    leaves('ann')
    time.pass(GRACE - 1)
    await settled()
    expect(done).toEqual([])
    time.pass(1)
    await settled()
    expect(done).toEqual(['takeover round client'])
    comes('ann')
    await settled()
    expect(done).toEqual(['takeover round client', 'return round client'])
  })

  it('not one of whom the database says just then that they are connected to another node', async () => {
    leaves('ann')
    refresh = async () => void present.add('ann')
    time.pass(GRACE)
    await settled()
    expect(done).toEqual([])
  })

  it('nobody’s who is back in time, nor one’s whose partner is away too, until that one returns', async () => {
    leaves('ann')
    comes('ann')
    leaves('bob')
    leaves('ann')
    await settled()
    done.length = 0
    time.pass(2 * GRACE)
    await settled()
    expect(done).toEqual([])
    comes('bob')
    await settled()
    time.pass(GRACE)
    await settled()
    expect(done).toEqual(['return round server', 'takeover round client'])
  })

  it('one’s who is away when a round begins, and not one’s who keeps nobody waiting', async () => {
    present.delete('bob')
    places(['ann', 'bob'])
    leaves('cat')
    time.pass(GRACE)
    await settled()
    expect(done).toEqual(['takeover round server'])
  })
})
