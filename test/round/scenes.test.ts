/** What an exercise may do with the world: faults of the wire, injected segments, strangers, questions, scenes. */
import { describe, expect, test } from 'vitest'
import type { Effect } from '../../protocol/round/model/effect.ts'
import { describeRound } from '../../cli/describe-round.ts'
import { type Exercise, LEVELS, type Question, type Scene } from '../../protocol/round/model/exercise.ts'
import { SEATS } from '../../protocol/seat.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { playThrough } from '../../protocol/round/play/play-through.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import { exercises } from '../support/exercises.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const handshake = exercises.get('handshake')!
const { questions: _, network: __, ...plain } = handshake.scenes[0]!
const exercise = (...scenes: Partial<Scene>[]): Exercise => ({
  ...handshake,
  scenes: scenes.map((scene) => ({ ...plain, ...scene })),
})

const effects = <I extends Effect['kind']>(fixture: RoundFixture, is: I): Extract<Effect, { kind: I }>[] =>
  fixture.entries.flatMap((entry) => entry.effects.filter((e): e is Extract<Effect, { kind: I }> => e.kind === is))

const text = { en: 'text', zh: '文' }
const question = (id: string, more: Partial<Question> = {}): Question => ({
  id,
  ask: text,
  rule: 'RFC 9293 3.8.1',
  choices: [
    { text, misconception: 'msl-is-the-rto', why: { en: 'wrong', zh: '错' } },
    { text, right: true, why: { en: 'right', zh: '对' } },
  ],
  ...more,
})

test('an earlier connection that was a round of the pair’s own says when it was', () => {
  const own = { iss: 7777, at: '2026-01-01T10:42:00.000Z' }
  const at = (id: string) => new RoundFixture(exercises.get(id)!, 'guided', undefined, { earlierRound: own }).views.server[0]?.now
  expect(at('why-three-stale-syn')).toMatchObject({ earlierRoundAt: own.at, names: { z: 7777 } })
  expect(at('handshake')).not.toHaveProperty('earlierRoundAt')
})

describe('the wire', () => {
  test('RFC 9293 3.8.1: a SYN that is lost is sent again by the timer, once both have waited', () => {
    const fixture = new RoundFixture(exercise({ wire: [{ on: { from: 'client', sends: 'SYN' }, do: 'drop' }] })).play()
    expect(fixture.world.over).toBe('goal')
    expect(effects(fixture, 'lost')).toMatchObject([{ id: 1, why: 'dropped' }])
    expect(effects(fixture, 'fired')).toMatchObject([{ seat: 'client', timer: 'retransmission' }])
    expect(fixture.views.server.flatMap(({ event }) => event.arrived ?? []).map(({ id }) => id)).not.toContain(1)
  })

  test('the text of a round says when a segment was lost that had been long on its way', () => {
    const after = 900
    const fixture = new RoundFixture(exercise({ wire: [{ on: { from: 'client', sends: 'SYN' }, do: 'drop', after }] })).play()
    expect(describeRound(fixture.entries, 'en')).toContain('       0 ms  SYN seq=x  lost at 900 ms')
    expect(describeRound(fixture.entries, 'zh')).toContain('       0 ms  SYN seq=x  丢失于 900 ms')
  })

  test('of every one, until a condition holds: no duplicate ACK gets around the loss', () => {
    const wire: Scene['wire'] = [
      { on: { from: 'client', acknowledges: 'SYN' }, nth: 'every', until: { seat: 'server', sent: 'SYN', times: 2 }, do: 'drop' },
    ]
    const fixture = new RoundFixture(exercise({ wire })).play((world) => world.hosts.client.tcb.state === 'ESTABLISHED')
    fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED')
    fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED')
    expect(effects(fixture, 'lost')).toHaveLength(2)
    expect(fixture.play().world.over).toBe('goal')
    expect(effects(fixture, 'fired')).toMatchObject([{ seat: 'server' }])
  })

  test('one that is let pass before every other is lost: only the timer brings a second one over', () => {
    const wire: Scene['wire'] = [
      {
        on: { from: 'client', acknowledges: 'SYN' },
        nth: 'every',
        until: { seat: 'client', arrived: 'SYN', times: 2 },
        do: 'drop',
      },
      { on: { from: 'server', sends: 'SYN' }, do: 'pass' },
      { on: { from: 'server', sends: 'SYN' }, nth: 'every', until: { fired: 'retransmission' }, do: 'drop' },
    ]
    const fixture = new RoundFixture(exercise({ wire })).play((world) => world.hosts.client.tcb.state === 'ESTABLISHED')
    expect(fixture.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED').verdict.outcome).toBe('accepted')
    expect(effects(fixture, 'lost')).toMatchObject([{ id: 3 }])
    expect(fixture.play().world.over).toBe('goal')
    expect(effects(fixture, 'fired')).toMatchObject([{ seat: 'server' }])
  })

  test('RFC 9293 3.8.1: data that leaves no gap is lost until the timer has gone off, however early it is sent again', () => {
    const open: Partial<Scene> = {
      opening: { client: { state: 'ESTABLISHED' }, server: { state: 'ESTABLISHED' } },
      application: {
        client: [
          { by: 'exercise', call: { call: 'SEND', octets: 100 } },
          { by: 'exercise', call: { call: 'SEND', octets: 50 }, when: { sent: 'data' } },
        ],
        server: [],
      },
      milestones: { client: [], server: [] },
      wire: [{ on: { from: 'client', sends: 'data', gap: false }, nth: 'every', until: { fired: 'retransmission' }, do: 'drop' }],
    }
    const fixture = new RoundFixture(exercise(open))
    fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED', 100)
    fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED', 100)
    expect(effects(fixture, 'lost')).toMatchObject([{ id: 1 }, { id: 2 }])
    fixture.send('client', 'A', 'x+101', 'y+1', 'ESTABLISHED', 50)
    expect(fixture.world.hosts.server).toMatchObject({ arrived: { data: 1 }, received: [] })
    expect(fixture.play().world.over).toBe('goal')
    expect(effects(fixture, 'fired')).toMatchObject([{ seat: 'client', timer: 'retransmission' }])
  })

  test('a held segment goes on when what it waits for has come; the SYNs cross (RFC 9293 3.5, figure 7)', () => {
    const open = {
      application: { client: plain.application.client, server: [{ by: 'seat', call: { call: 'OPEN', mode: 'active' } }] },
    } as const
    const both = {
      client: [{ by: 'seat' as const, call: { call: 'OPEN' as const, mode: 'active' as const } }],
      server: open.application.server,
    }
    const hold: Scene['wire'] = [{ on: { from: 'client', sends: 'SYN' }, do: 'hold', until: { seat: 'server', sent: 'SYN' } }]
    const fixture = new RoundFixture(exercise({ application: both, wire: hold, milestones: { client: [], server: [] } }))
    fixture.call('client', { call: 'OPEN', mode: 'active' })
    fixture.call('server', { call: 'OPEN', mode: 'active' })
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    expect(fixture.world.wire).toMatchObject([{ from: 'client', until: { sent: 'SYN' } }])
    expect(fixture.views.server.at(-1)?.event.arrived).toBeUndefined()
    fixture.send('server', 'S', 'y', '', 'SYN-SENT')
    expect(fixture.world.wire).toEqual([])
    expect([fixture.world.hosts.client.tcb.state, fixture.world.hosts.server.tcb.state]).toEqual(['SYN-RECEIVED', 'SYN-RECEIVED'])
  })

  test('RFC 9293 3.8.6.1: whatever only says that a closed window is open again is lost; the octet of a probe gets through', () => {
    const zero: Partial<Scene> = {
      names: { u: { of: 'client', is: 'next' }, v: { of: 'server', is: 'next' } },
      opening: { client: { state: 'ESTABLISHED' }, server: { state: 'ESTABLISHED', buffer: 10 } },
      reads: { server: 'on-RECEIVE' },
      application: {
        client: [{ by: 'exercise', call: { call: 'SEND', octets: 15 } }],
        server: [{ by: 'seat', call: { call: 'RECEIVE' }, when: { seat: 'client', window: 'closed' } }],
      },
      wire: [{ on: { from: 'server', acknowledges: 'window' }, nth: 'every', do: 'drop' }],
      milestones: { client: [], server: [] },
    }
    const fixture = new RoundFixture(exercise(zero))
    const receive = { call: 'RECEIVE' } as const
    fixture.send('client', 'A', 'u', 'v', 'ESTABLISHED', 10)
    expect(fixture.call('server', receive).verdict).toMatchObject({ outcome: 'barred', reason: 'not-yet' })
    fixture.send('server', 'A', 'v', 'u+10', 'ESTABLISHED')
    fixture.call('server', receive)
    for (const _ of [1, 2]) fixture.send('server', 'A', 'v', 'u+10', 'ESTABLISHED')
    expect(effects(fixture, 'lost')).toHaveLength(2)
    expect(fixture.world.hosts.client.tcb.snd.wnd).toBe(0)
    expect(fixture.play().world.over).toBe('goal')
    expect(effects(fixture, 'fired')).toEqual([{ kind: 'fired', seat: 'client', timer: 'persist' }])
  })

  test('a copy arrives later, at the next wait', () => {
    const wire: Scene['wire'] = [{ on: { from: 'client', sends: 'SYN' }, do: 'duplicate', after: 500 }]
    const fixture = new RoundFixture(exercise({ wire })).play((world) => world.segmentCount > 1)
    expect(fixture.world.wire).toMatchObject([{ id: 2, due: 500 }])
    expect(fixture.play().world.over).toBe('goal')
    expect(effects(fixture, 'arrived').map(({ id, at }) => [id, at])).toContainEqual([2, 500])
  })

  test('RFC 9293 3.1: a segment whose checksum fails is dropped, and its host sees nothing of it', () => {
    const fixture = new RoundFixture(exercise({ wire: [{ on: { from: 'server', sends: 'SYN' }, do: 'corrupt' }] })).play()
    expect(effects(fixture, 'lost')).toMatchObject([{ why: 'corrupted' }])
    expect(fixture.world.over).toBe('goal')
  })

  test('who acts on it: the network seat as far as the scene allows, the teacher always, a host never', () => {
    const scene = exercise({ network: { may: ['drop'] } })
    const nobody = new RoundFixture(scene).wire('network', { kind: 'wire', wire: 'drop', segment: 1 })
    expect(nobody.verdict, 'a seat that nobody plays').toMatchObject({ reason: 'not-yours' })
    const fixture = new RoundFixture(scene, 'guided', undefined, { network: true })
    fixture.control({ kind: 'control', control: 'free-wire' })
    fixture.control({ kind: 'control', control: 'stop-wire' })
    expect([fixture.views.client, fixture.views.server]).toMatchObject([{ length: 1 }, { length: 1 }])
    fixture.play((world) => world.segmentCount > 0)
    expect(fixture.world.wire).toMatchObject([{ id: 1, due: null }])
    expect(fixture.wire('client', { kind: 'wire', wire: 'drop', segment: 1 }).verdict).toMatchObject({ reason: 'not-yours' })
    expect(fixture.wire('network', { kind: 'wire', wire: 'duplicate', segment: 1 }).verdict).toMatchObject({ reason: 'not-yours' })
    expect(fixture.wire('network', { kind: 'wire', wire: 'drop', segment: 2 }).verdict).toMatchObject({ reason: 'no-segment' })
    fixture.wire('teacher', { kind: 'wire', wire: 'duplicate', segment: 1 })
    fixture.wire('network', { kind: 'wire', wire: 'drop', segment: 1 })
    fixture.wire('network', { kind: 'wire', wire: 'pass', segment: 2 })
    expect(fixture.world.hosts.server.tcb.state).toBe('SYN-RECEIVED')
    fixture.control({ kind: 'control', control: 'free-wire' })
    expect(JSON.stringify(fixture.views)).not.toMatch(/-wire|dropped|duplicate/)
    expect(fixture.play().world.over).toBe('goal')
  })
})

describe('segments that no seat sent', () => {
  const stale: Partial<Scene> = {
    names: { ...plain.names, z: { of: 'client', is: 'earlier' } },
    injections: [{ as: 'stale', to: 'server', when: { been: 'LISTEN' }, segment: { flags: ['SYN'], seq: 'z' } }],
  }

  test('RFC 9293 3.5, figure 9: an old SYN is answered, its answer reset, and the listener listens again', () => {
    const fixture = new RoundFixture(exercise(stale))
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    expect(fixture.world.hosts.server.tcb.state).toBe('SYN-RECEIVED')
    fixture.send('server', 'SA', 'y', 'z+1', 'SYN-RECEIVED')
    fixture.send('client', 'R', 'z+1', '', 'CLOSED')
    expect(fixture.world.hosts.server.tcb.state).toBe('LISTEN')
    expect(fixture.play().world.over).toBe('goal')
  })

  test('RFC 9293 3.4.1: an old segment whose numbers the next incarnation has come to is taken for its own', () => {
    const open: Partial<Scene> = {
      names: { x: { of: 'client', is: 'iss' }, y: { of: 'server', is: 'iss' }, z: { of: 'client', is: 'earlier', before: 10_000 } },
      opening: { client: { state: 'ESTABLISHED' }, server: { state: 'ESTABLISHED' } },
      application: { client: [], server: [] },
      milestones: { client: [], server: [{ ...plain.milestones.server[0]!, deed: { acknowledges: 'data' } }] },
      injections: [{ as: 'stale', to: 'server', segment: { flags: ['ACK'], seq: 'z+10001', ack: 'y+1', length: 100 } }],
    }
    const fixture = new RoundFixture(exercise(open), 'guided', { client: 4_000, server: 5_000 })
    expect(fixture.world.script.scenes[0]?.earlier.client).toBe(2 ** 32 - 6_000)
    expect(fixture.send('server', 'A', 'y+1', 'x+101', 'ESTABLISHED').verdict.outcome).toBe('accepted')
  })

  test('RFC 9293 3.5, figure 9: a half-open connection has its own numbers; once it is reset, its host may open again', () => {
    const halfOpen: Partial<Scene> = {
      names: { ...plain.names, u: { of: 'client', is: 'earlier' }, v: { of: 'server', is: 'next' } },
      opening: { client: { state: 'CLOSED' }, server: { state: 'ESTABLISHED', with: 'earlier' } },
      application: {
        client: [{ by: 'seat', call: { call: 'OPEN', mode: 'active' } }],
        server: [{ by: 'exercise', call: { call: 'OPEN', mode: 'passive' }, when: { been: 'CLOSED' } }],
      },
      milestones: { client: [], server: [] },
      goal: { client: 'ESTABLISHED', server: 'ESTABLISHED', when: [{ seat: 'client', received: 'SYN' }] },
    }
    const fixture = new RoundFixture(exercise(halfOpen))
    fixture.call('client', { call: 'OPEN', mode: 'active' })
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    fixture.send('server', 'A', 'v', 'u+1', 'ESTABLISHED')
    fixture.send('client', 'R', 'u+1', '', 'SYN-SENT')
    expect(fixture.world.hosts.server).toMatchObject({ tcb: { state: 'LISTEN' }, called: [{ call: 'OPEN' }] })
    expect(fixture.play().world.over).toBe('goal')
    expect(fixture.world.hosts.server.tcb.snd.nxt).toBe(5001)
  })

  test('a segment to be discarded that a seat has gone on from leaves the maximum', () => {
    const discards = { ...plain.milestones.client[0]!, id: 'drops', deed: { discards: 'RST' }, opens: { arrived: 'RST' } } as const
    const forged: Partial<Scene> = {
      injections: [{ as: 'forged', to: 'client', when: { sent: 'SYN' }, segment: { flags: ['RST'], seq: 'y' } }],
      milestones: { ...plain.milestones, client: [...plain.milestones.client, discards] },
    }
    const fixture = new RoundFixture(exercise(forged))
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    fixture.call('client', { call: 'OPEN', mode: 'active' })
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    expect(computeScore(fixture.world, 'client').of).toBe(2 * 8)
    fixture.claim('client', 'SYN-SENT')
    expect(computeScore(fixture.world, 'client').of).toBe(8)
    expect(fixture.play().world.over).toBe('goal')
  })

  test('the two-way handshake: the same old SYN leaves a connection that nobody is at the other end of', () => {
    const fixture = new RoundFixture(exercise({ ...stale, rules: 'two-way-handshake' }))
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    fixture.send('server', 'SA', 'y', 'z+1', 'ESTABLISHED')
    expect([fixture.world.hosts.client.tcb.state, fixture.world.hosts.server.tcb.state]).toEqual(['CLOSED', 'ESTABLISHED'])
    expect(fixture.views.client.at(-1)?.event.arrived).toMatchObject([{ from: 'server' }])
  })

  const strangers = ['10.0.0.7', '10.0.0.8', '10.0.0.9'].map(
    (from) => ({ as: 'stranger', from, to: 'server', when: { been: 'LISTEN' }, segment: { flags: ['SYN'], seq: 'x' } }) as const,
  )

  test('strangers fill the backlog; a SYN that finds it full is lost, and there is room again when they expire', () => {
    const fixture = new RoundFixture(exercise({ backlog: 2, injections: strangers }))
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    expect(fixture.views.server.at(-1)?.now.strangers).toEqual({
      backlog: 2,
      connections: ['10.0.0.7', '10.0.0.8'].map((name) => ({ name, state: 'SYN-RECEIVED', expires: 63_000 })),
    })
    expect(fixture.views.client.at(-1)?.now.strangers).toBeNull()
    fixture.play()
    expect(fixture.world.over).toBe('goal')
    expect(effects(fixture, 'lost').filter(({ why }) => why === 'backlog').length).toBeGreaterThan(2)
    expect(fixture.world.clock).toBeGreaterThan(63_000)
  })

  test('the two-way handshake: strangers leave the backlog at once, and their connections never expire', () => {
    const fixture = new RoundFixture(exercise({ backlog: 2, injections: strangers, rules: 'two-way-handshake' }))
    fixture.play((world) => world.hosts.client.tcb.state === 'ESTABLISHED')
    expect(fixture.views.server.at(-1)?.now.strangers?.connections).toEqual(
      ['10.0.0.7', '10.0.0.8', '10.0.0.9'].map((name) => ({ name, state: 'ESTABLISHED', expires: null })),
    )
    expect(effects(fixture, 'lost').filter(({ why }) => why === 'backlog')).toEqual([])
  })
})

describe('questions and scenes', () => {
  test('a question is put to its seat at the goal; nothing else is left to do, and the partner hears nothing of it', () => {
    const fixture = new RoundFixture(exercise({ questions: { client: [question('q')] } }))
    fixture.play((world) => world.seats.server.claimedState === 'ESTABLISHED')
    expect(fixture.world.over).toBeNull()
    expect(fixture.views.client.at(-1)?.now).toMatchObject({
      question: { id: expect.stringMatching(/^\d+$/) as string },
      reasons: { send: 'answer-first' },
    })
    expect(fixture.views.server.at(-1)?.now.question).toBeNull()
    const heard = fixture.views.server.length
    expect(fixture.act('client', { kind: 'wait' }).verdict).toMatchObject({ outcome: 'barred', reason: 'answer-first' })
    expect(fixture.act('client', { kind: 'answer', question: 'q', choice: 0 }).verdict).toMatchObject({
      outcome: 'refused',
      findings: [{ field: 'answer', rule: 'RFC 9293 3.8.1', misconception: 'msl-is-the-rto' }],
    })
    expect(fixture.views.server).toHaveLength(heard)
    expect(fixture.views.client.at(-1)?.event.why).toEqual({ en: 'wrong', zh: '错' })
    fixture.act('client', { kind: 'answer', question: 'q', choice: 1 })
    expect(fixture.world.over).toBe('goal')
    expect(fixture.views.client.at(-1)?.event.why).toEqual({ en: 'right', zh: '对' })
    expect(computeScore(fixture.world, 'client')).toEqual({ eighths: 4 * 8 - 4, of: 4 * 8 })
  })

  test('whoever is asked in the middle answers before doing anything else; the partner need not', () => {
    const fixture = new RoundFixture(exercise({ questions: { client: [question('q', { when: { been: 'CLOSED' } })] } }))
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    const open = { kind: 'call', call: { call: 'OPEN', mode: 'active' } } as const
    expect(fixture.act('client', open).verdict).toEqual({ outcome: 'barred', findings: [], reason: 'question-first' })
    expect(fixture.views.client.at(-1)?.now).toMatchObject({
      app: { next: { reason: 'question-first' } },
      reasons: { send: 'question-first', wait: 'question-first' },
    })
    fixture.act('client', { kind: 'answer', question: 'q', choice: 1 })
    expect(fixture.act('client', open).verdict.outcome).toBe('accepted')
  })

  test('choices that have an order of their own are shown in it', () => {
    const choices = Array.from({ length: 6 }, (_, i) => ({ text, right: i === 5, why: text }))
    const orderOf = (ordered: boolean, seed: number) =>
      instantiateExercise(exercise({ questions: { client: [question('q', { ordered, choices })] } }), 'guided', seededRandom(seed))
        .scenes[0]?.questions.client[0]?.order
    expect(orderOf(true, 1)).toEqual([0, 1, 2, 3, 4, 5])
    expect(orderOf(false, 1)).not.toEqual(orderOf(false, 2))
  })

  test('a wrong answer is charged to its question, whatever else is open', () => {
    const fixture = new RoundFixture(exercise({ questions: { client: [question('q', { when: { been: 'CLOSED' } })] } }))
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    fixture.act('client', { kind: 'answer', question: 'q', choice: 0 })
    const charged = fixture.world.seats.client.milestones.filter((milestone) => milestone.charged > 0)
    expect(charged).toMatchObject([{ id: 'q', status: 'open', charged: 4 }])
  })

  test('whom nobody asks leaves alone what arrived last, while the other is asked', () => {
    const data = exercises.get('data')!
    const wire: Scene['wire'] = [{ on: { from: 'client', acknowledges: 'data' }, do: 'duplicate', after: 0 }]
    const asked = { ...data, scenes: [{ ...data.scenes[0]!, wire, questions: { client: [question('q')] } }] }
    const { world } = playThrough(instantiateExercise(asked, 'guided', seededRandom(1)), { client: 'exact', server: 'exact' })
    expect(world.over).toBe('goal')
  })

  test('at exam neither what is right nor why reaches the seat', () => {
    const fixture = new RoundFixture(exercise({ questions: { client: [question('q', { when: { been: 'CLOSED' } })] } }), 'exam')
    fixture.act('client', { kind: 'answer', question: 'q', choice: 0 })
    expect(JSON.stringify(fixture.views.client)).not.toMatch(/"(why|right|misconception)"/)
  })

  test.each(LEVELS)('at %s a free scene charges nothing, hints included, and counts in no score', (level) => {
    const fixture = new RoundFixture(exercise({ free: true }), level)
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    fixture.call('client', { call: 'OPEN', mode: 'active' })
    for (let rung = 0; rung < 3; rung++) fixture.act('client', { kind: 'hint' })
    for (let wrong = 1; wrong <= 4 && fixture.world.segmentCount === 0; wrong++) {
      const seq = level === 'exam' ? `${1000 + wrong}` : `x+${wrong}`
      expect(fixture.send('client', 'S', seq, '', 'SYN-SENT').verdict.outcome).toBe('refused')
    }
    expect(fixture.world.segmentCount, 'played after the last attempt, so that nobody is locked up').toBeGreaterThan(0)
    expect(fixture.world.seats.client.milestones).toMatchObject([{ charged: 0 }, { charged: 0 }, { charged: 0 }])
    expect(fixture.play().world.over).toBe('goal')
    for (const seat of SEATS) expect(computeScore(fixture.world, seat)).toEqual({ eighths: 0, of: 0 })
  })

  test('the next scene begins by itself, with fresh hosts and numbers; earlier points stay', () => {
    const again = (m: Scene['milestones']['client']) => m.map((each) => ({ ...each, id: `${each.id}-2` }))
    const milestones = { client: again(plain.milestones.client), server: again(plain.milestones.server) }
    const fixture = new RoundFixture(exercise({}, { id: 'second', milestones })).play((world) => world.sceneIndex === 1)
    expect(fixture.views.client.at(-1)).toMatchObject({
      event: { scene: { number: 1 } },
      now: { scene: { number: 1, id: '1' }, state: 'CLOSED' },
    })
    expect(fixture.world.hosts.client.visitedStates).toEqual(['CLOSED'])
    expect(fixture.world.script.scenes[1]?.iss).not.toEqual(fixture.world.script.scenes[0]?.iss)
    expect(fixture.play().world.over).toBe('goal')
    expect(computeScore(fixture.world, 'server')).toEqual({ eighths: 64, of: 64 })
  })
})

describe('who plays', () => {
  test('a seat is taken over and given back, and both are told', () => {
    const fixture = new RoundFixture(exercise({}))
    fixture.control({ kind: 'control', control: 'takeover', seat: 'client' })
    for (const seat of ['client', 'server'] as const)
      expect(fixture.views[seat].at(-1)?.now.players).toEqual({ client: 'partner', server: 'person' })
    expect(fixture.control({ kind: 'control', control: 'takeover', seat: 'client' }).verdict.outcome).toBe('barred')
    fixture.control({ kind: 'control', control: 'return', seat: 'client' })
    expect(fixture.world.seats.client.player).toBe('person')
  })
})
