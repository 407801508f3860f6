/** The network seat: what it may do, what it sees, and what the hosts do not see of it. */
import { type Seat, SEATS } from '../../protocol/seat.ts'
import { describe, expect, test } from 'vitest'
import { SYN } from '../../protocol/segment.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import { type Exercise, type Scene } from '../../protocol/round/model/exercise.ts'
import { toSeatAction } from '../../protocol/round/play/partner.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { loadExercises } from '../../exercises/load.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const exercises = loadExercises('exercises')
const handshake = exercises.get('handshake')!
const { questions: _questions, network: _network, ...plain } = handshake.scenes[0]!
const ALL: Scene['network'] = {
  may: ['drop', 'duplicate', 'hold', 'inject'],
  injections: [
    { as: 'stale', to: 'server', segment: { flags: ['SYN'], seq: 'x+4000000000' } },
    { as: 'forged', to: 'client', segment: { flags: ['RST', 'ACK'], seq: '0', ack: 'x+1' } },
  ],
}
const exercise = (...scenes: Partial<Scene>[]): Exercise => ({
  ...handshake,
  scenes: scenes.map((scene) => ({ ...plain, ...scene })),
})
const fixture = (...scenes: Partial<Scene>[]) => new RoundFixture(exercise(...scenes), 'guided', undefined, { network: true })

/** Performs the seat's next actions until it has nothing to do but wait. */
function acts(on: RoundFixture, seat: Seat): void {
  for (;;) {
    const what = nextEngineAction(on.world, seat)
    if (what.kind === 'wait') return
    on.act(seat, toSeatAction(on.world, seat, what))
  }
}
const opened = (network = ALL) => {
  const on = fixture({ network })
  acts(on, 'server')
  acts(on, 'client')
  return on
}
const now = (on: RoundFixture) => on.wireViews.at(-1)!.now
const flights = (on: RoundFixture) => now(on).inFlight.map(({ id, seq, held }) => ({ id, seq, held }))

describe('a segment on the wire of a network seat', () => {
  test('stops there until it is let pass', () => {
    const on = opened()
    expect(flights(on)).toEqual([{ id: 1, seq: 'x', held: false }])
    expect(on.views.server.some(({ event }) => event.arrived)).toBe(false)
    on.wire('network', { kind: 'wire', wire: 'pass', segment: 1 })
    expect(flights(on)).toEqual([])
    expect(on.views.server.at(-1)?.event.arrived).toMatchObject([{ seq: 'x' }])
  })

  test('may be lost, doubled, held and released, in any order', () => {
    const on = opened()
    on.wire('network', { kind: 'wire', wire: 'duplicate', segment: 1 })
    on.wire('network', { kind: 'wire', wire: 'hold', segment: 1 })
    expect(flights(on)).toEqual([
      { id: 1, seq: 'x', held: true },
      { id: 2, seq: 'x', held: false },
    ])
    on.wire('network', { kind: 'wire', wire: 'drop', segment: 2 })
    expect(on.wireViews.at(-1)?.event).toMatchObject({ lost: [{ id: 2 }], act: { outcome: 'accepted' } })
    on.wire('network', { kind: 'wire', wire: 'pass', segment: 1 })
    expect(on.world.hosts.server.tcb.state).toBe('SYN-RECEIVED')
    expect(on.wire('network', { kind: 'wire', wire: 'pass', segment: 1 }).verdict).toMatchObject({ reason: 'no-segment' })
  })

  test('that is held arrives by itself after half a minute of world time, so that no legal play locks up', () => {
    const on = opened()
    on.wire('network', { kind: 'wire', wire: 'hold', segment: 1 })
    expect(on.world.wire).toMatchObject([{ due: 30_000 }])
    expect(on.wire('network', { kind: 'wire', wire: 'hold', segment: 1 }).verdict.outcome).toBe('barred')
  })

  test('nobody has to play it where the scene has no part for it: it looks on', () => {
    const on = fixture({})
    acts(on, 'server')
    acts(on, 'client')
    expect(on.world.hosts.server.tcb.state).toBe('SYN-RECEIVED')
    expect(on.wireViews.flatMap(({ event }) => event.delivered ?? [])).toMatchObject([{ bits: SYN }])
    expect(on.wire('network', { kind: 'wire', wire: 'pass', segment: 1 }).verdict).toMatchObject({ reason: 'not-yours' })
  })

  test('a scene says by itself whether its segments stop', () => {
    const on = fixture({ id: 'one' }, { id: 'two', network: ALL })
    expect(on.world.wireStopped).toBe(false)
    while (on.world.sceneIndex === 0) for (const seat of ['server', 'client'] as const) acts(on, seat)
    expect(on.world.wireStopped).toBe(true)
    expect(now(on)).toMatchObject({ scene: { number: 1, id: '1' }, stopped: true, permittedOperations: ALL.may })
  })
})

describe('both hosts wait for what has been stopped, and no timer runs', () => {
  const standing = () => {
    const on = new RoundFixture(exercises.get('reset')!, 'guided')
    on.control({ kind: 'control', control: 'stop-wire' })
    for (const seat of ['server', 'client', 'server'] as const) acts(on, seat)
    for (const seat of SEATS) on.act(seat, { kind: 'wait' })
    expect(on.world.seats).toMatchObject({ client: { waitRequested: true }, server: { waitRequested: true } })
    return on
  }

  test('where it is held, the clock advances to its arrival', () => {
    const on = standing()
    const { clock, wire } = on.world
    on.wire('teacher', { kind: 'wire', wire: 'hold', segment: wire[0]!.id })
    expect(on.world.clock).toBe(clock + 30_000)
    expect(on.world.wire.map(({ id }) => id)).not.toContain(wire[0]!.id)
  })

  test('where all of it is lost, the goal is out of reach, and the round is over', () => {
    const on = standing()
    for (const { id } of on.world.wire) on.wire('teacher', { kind: 'wire', wire: 'drop', segment: id })
    expect(on.world.over).toBe('broken')
  })
})

describe('what the network seat brings onto the wire', () => {
  test('RFC 9293 3.10.7.2: a stale SYN makes a listener answer, and is undone by the reset of its supposed sender', () => {
    const on = opened()
    on.wire('network', { kind: 'wire', wire: 'inject', injection: 0 })
    acts(on, 'server')
    const [synAck] = now(on).inFlight.filter(({ from }) => from === 'server')
    on.wire('network', { kind: 'wire', wire: 'pass', segment: synAck!.id })
    acts(on, 'client')
    const [rst] = now(on).inFlight.slice(1)
    on.wire('network', { kind: 'wire', wire: 'pass', segment: rst!.id })
    expect(on.world.hosts.server.tcb.state).toBe('LISTEN')
    expect(on.world.over).toBeNull()
  })

  test('a reset that ends the connection costs neither host anything', () => {
    const on = opened()
    on.wire('network', { kind: 'wire', wire: 'inject', injection: 1 })
    expect(on.world.over).toBe('broken')
    for (const seat of ['client', 'server'] as const) {
      const { eighths, of } = computeScore(on.world, seat)
      expect(eighths).toBe(of)
    }
    expect(now(on).over).toBe('broken')
  })

  test('is what the scene allows, and nothing else', () => {
    const on = opened({ may: ['drop'] })
    for (const wire of ['duplicate', 'hold'] as const)
      expect(on.wire('network', { kind: 'wire', wire, segment: 1 }).verdict).toMatchObject({ reason: 'not-yours' })
    expect(on.wire('network', { kind: 'wire', wire: 'inject', injection: 0 }).verdict).toMatchObject({ reason: 'not-yours' })
    expect(on.wire('network', { kind: 'wire', wire: 'drop', segment: 1 }).verdict.outcome).toBe('accepted')
  })
})

describe('what anybody is told', () => {
  test('the network seat: the wire, without gaps, and nothing of the hosts, their tries or their applications', () => {
    const on = opened()
    on.send('client', 'SA', 'x', 'y', 'ESTABLISHED')
    on.act('client', { kind: 'hint' })
    on.wire('network', { kind: 'wire', wire: 'pass', segment: 1 })
    expect(on.wireViews.map(({ n }) => n)).toEqual(on.wireViews.map((_, i) => i + 1))
    const told = JSON.stringify(on.wireViews)
    for (const hidden of ['SYN-', 'LISTEN', 'CLOSED', 'snd', 'milestone', 'hint', 'OPEN', 'finding'])
      expect(told).not.toContain(hidden)
  })

  test('a host: nothing of what is done on the wire, but what arrives', () => {
    const on = opened()
    const before = { client: on.views.client.length, server: on.views.server.length }
    for (const wire of ['duplicate', 'hold', 'drop'] as const) on.wire('network', { kind: 'wire', wire, segment: 1 })
    expect({ client: on.views.client.length, server: on.views.server.length }).toEqual(before)
    on.wire('network', { kind: 'wire', wire: 'pass', segment: 2 })
    expect(on.views.client).toHaveLength(before.client)
    expect(on.views.server).toHaveLength(before.server + 1)
  })

  test.each(['https-rsa', 'https-tls13', 'https-full'])(
    'the network seat of %s: how many octets there are, and nothing of what they say',
    (id) => {
      const on = new RoundFixture(exercises.get(id)!, 'guided', seededRandom(1), { network: true }).play()
      const seen = on.wireViews.flatMap(({ event }) => event.entered ?? [])
      for (const seat of SEATS) {
        const own = seen.filter(({ from }) => from === seat)
        expect(own.reduce((octets, { length }) => octets + length, 0)).toBe(on.world.hosts[seat].stream.length / 2)
      }
      const told = JSON.stringify(on.wireViews)
      const said = SEATS.flatMap((seat) => on.views[seat].flatMap(({ event }) => [...(event.wrote ?? []), ...(event.read ?? [])]))
      // Shorter texts may occur by chance.
      const words = said.flatMap(({ name, text = '', facts = [] }) =>
        [name, ...text.split('\r\n'), ...facts.map(({ value }) => value)].filter((each) => each.length >= 8),
      )
      expect(words).toEqual(expect.arrayContaining(['ClientHello', 'Host: bank.example', 'bank.example']))
      expect(words.filter((each) => told.includes(each))).toEqual([])
      // Nor the octets themselves, or which messages are where in them.
      const hidden = /[0-9a-f]{32}|"pieces"/
      expect(told).not.toMatch(hidden)
      expect(JSON.stringify(on.views)).toMatch(hidden)
    },
  )
})
