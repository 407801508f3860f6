import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildBeliefs, groupRuns, listStates } from '../../client/src/debrief/beliefs.ts'
import { trackKnowledge } from '../../client/src/debrief/knowledge.ts'
import { estimateReadingMs } from '../../client/src/debrief/reading-time.ts'
import { splitIntoPages } from '../../client/src/debrief/page-breaks.ts'
import { describeStep } from '../../client/src/timeline/step-texts.ts'
import { takeTimelineUntil, listFindings, buildReplaySteps, findStepByHash } from '../../client/src/timeline/replay-steps.ts'
import { readTimeline } from '../../protocol/round/fold/timeline.ts'
import { listTcbFields, findNextTimer } from '../../client/src/timeline/tcb-fields.ts'
import { buildRowsFromLog } from '../../client/src/timeline/rows-from-log.ts'
import { computeLayout } from '../../client/src/ladder/layout.ts'
import { buildRowLabel } from '../../client/src/ladder/row-texts.ts'
import { switchLang } from '../../client/src/texts/texts.svelte.ts'
import { foldEntries } from '../../protocol/round/fold/reducer.ts'
import type { Exercise, Scene } from '../../protocol/round/model/exercise.ts'
import { loadExercises } from '../../exercises/load.ts'
import { exercises } from '../support/exercises.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const handshake = exercises.get('handshake')!

afterEach(() => switchLang('en'))

/** Both seats perform the engine's actions until the round is over. */
function finish(fixture: RoundFixture): RoundFixture {
  fixture.play()
  expect(fixture.world.over).toBe('goal')
  return fixture
}

/** The handshake exercise on a wire with faults. */
const faulty = (more: Partial<Scene>): Exercise => ({
  ...handshake,
  scenes: handshake.scenes.map((scene) => ({ ...scene, ...more })),
})

const told = (fixture: RoundFixture) => buildReplaySteps(readTimeline(fixture.entries)).map(describeStep)

/** A round in which the server gets a number wrong, then a state, before it answers correctly. */
let erring: RoundFixture
beforeEach(() => {
  erring = new RoundFixture(handshake)
  erring.call('server', { call: 'OPEN', mode: 'passive' })
  erring.call('client', { call: 'OPEN', mode: 'active' })
  erring.send('client', 'S', 'x', '', 'SYN-SENT')
  erring.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED')
  erring.send('server', 'SA', 'y', 'x+1', 'ESTABLISHED')
  erring.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
  erring.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED')
  erring.claim('server', 'ESTABLISHED')
})

describe('the steps of a replay', () => {
  it('tell a handshake in one sentence each', () => {
    expect(told(erring)).toEqual([
      'The round begins: the client is in CLOSED, the server in CLOSED.',
      'The server’s application calls passive OPEN; the server goes to LISTEN.',
      'The client’s application calls active OPEN; the client owes a SYN.',
      'The client sends SYN; it goes to SYN-SENT.',
      'The client’s SYN arrives; the server goes to SYN-RECEIVED and owes a SYN,ACK.',
      'Refused: the server tries SYN,ACK seq=y ack=x, to be in SYN-RECEIVED then.',
      'Refused: the server tries SYN,ACK seq=y ack=x+1, to be in ESTABLISHED then.',
      'The server sends SYN,ACK.',
      'The server’s SYN,ACK arrives; the client’s SYN is acknowledged; the client goes to ESTABLISHED and owes an ACK.',
      'The client sends ACK.',
      'The client’s ACK arrives; the server’s SYN is acknowledged; the server goes to ESTABLISHED; no answer is owed.',
      'The server says that it is in ESTABLISHED.',
      'Both have reached the goal, and the round is over.',
    ])
  })

  it('tell it in Chinese as well', async () => {
    await switchLang('zh')
    expect(told(erring).slice(4, 9)).toEqual([
      '客户端的 SYN 到达；服务器进入 SYN-RECEIVED，应发 SYN,ACK。',
      '被拒：服务器尝试发送 SYN,ACK seq=y ack=x，并称之后处于 SYN-RECEIVED。',
      '被拒：服务器尝试发送 SYN,ACK seq=y ack=x+1，并称之后处于 ESTABLISHED。',
      '服务器发送 SYN,ACK。',
      '服务器的 SYN,ACK 到达；客户端的 SYN 得到确认；客户端进入 ESTABLISHED，应发 ACK。',
    ])
  })

  it.each(loadExercises('exercises').published())('fold to the world that the log folds to: $id', (exercise) => {
    const { entries, world } = finish(new RoundFixture(exercise))
    const steps = buildReplaySteps(readTimeline(entries))
    const { entryCount: _index, seats: _seats, ...seen } = steps.at(-1)!.after
    expect(world).toMatchObject(seen)
    for (const [i, { before }] of steps.entries()) if (i > 0) expect(before).not.toBeNull()
    expect(steps.flatMap(({ moments }) => moments)).toHaveLength(entries.flatMap(({ effects }) => effects).length)
  })

  it('leave out what did nothing and was not refused', () => {
    const fixture = new RoundFixture(handshake)
    fixture.call('client', { call: 'OPEN', mode: 'active' }) // Barred, because it is not due yet.
    fixture.control({ kind: 'control', control: 'pause' })
    fixture.control({ kind: 'control', control: 'resume' })
    expect(told(fixture)).toHaveLength(1)
  })

  it('each show the ladder as far as it has come: a segment in flight has left and has not arrived', () => {
    const steps = buildReplaySteps(readTimeline(erring.entries))
    const kinds = (i: number) =>
      buildRowsFromLog(takeTimelineUntil(readTimeline(erring.entries), steps[i]!)).map(({ kind }) => kind)
    expect(kinds(3).slice(-2)).toEqual(['sent', 'state'])
    expect(kinds(4).slice(-2)).toEqual(['arrived', 'state'])
    expect(kinds(5).at(-1)).toBe('refused')
    expect(kinds(12)).toEqual(buildRowsFromLog(readTimeline(erring.entries)).map(({ kind }) => kind))
  })

  it('name the findings with the attempt and nowhere else', () => {
    const found = buildReplaySteps(readTimeline(erring.entries)).map((step) => listFindings(step).map(({ field }) => field))
    expect(found.flat()).toEqual(['ack', 'state'])
    expect([found[5], found[6]]).toEqual([['ack'], ['state']])
  })

  it('tell what the invigilator plays apart from what was tried', () => {
    const fixture = new RoundFixture(handshake)
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    fixture.call('client', { call: 'OPEN', mode: 'active' })
    for (let i = 1; i <= 4; i++) fixture.send('client', 'S', `x+${i}`, '', 'SYN-SENT')
    expect(told(fixture).slice(-3)).toEqual([
      'Refused: the client tries SYN seq=x+4, to be in SYN-SENT then.',
      'The system plays this step in the client’s place; the client sends SYN; it goes to SYN-SENT.',
      'The client’s SYN arrives; the server goes to SYN-RECEIVED and owes a SYN,ACK.',
    ])
    expect(buildReplaySteps(readTimeline(fixture.entries)).slice(-2).flatMap(listFindings)).toEqual([])
  })

  it('tell of bytes, FINs, timers and silence', () => {
    const data = told(finish(new RoundFixture(exercises.get('data')!))).join('\n')
    expect(data).toMatch(/The client sends ACK with \d+ bytes\./)
    expect(data).toMatch(/the server takes in \d+ bytes; it owes an ACK\./)
    expect(data).toMatch(/\d+ bytes of the client’s are acknowledged; no answer is owed\./)
    const close = told(finish(new RoundFixture(exercises.get('close-client')!))).join('\n')
    expect(close).toContain('the client’s FIN is acknowledged; the client goes to FIN-WAIT-2')
    expect(close).toContain('the server’s FIN is acknowledged; the server goes to CLOSED')
    expect(close).toContain('The client’s TIME-WAIT timer expires (2MSL); the client goes to CLOSED.')
  })
})

describe('a replay of a wire with faults', () => {
  const plain = handshake.scenes[0] as Scene
  const until = (fixture: RoundFixture, act: string) => {
    for (const [seat, mode] of [
      ['server', 'passive'],
      ['client', 'active'],
    ] as const)
      fixture.call(seat, { call: 'OPEN', mode })
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    return told(fixture).slice(told(fixture).findIndex((sentence) => sentence.includes(act)))
  }

  it('tells of a loss, a step after the segment has left', () => {
    expect(until(new RoundFixture(faulty({ wire: [{ on: { from: 'client', sends: 'SYN' }, do: 'drop' }] })), 'sends')).toEqual([
      'The client sends SYN; it goes to SYN-SENT.',
      'The client’s SYN is lost on the way.',
    ])
    const whole = told(finish(new RoundFixture(faulty({ wire: [{ on: { from: 'client', sends: 'SYN' }, do: 'drop' }] }))))
    expect(whole).toContain('The client’s retransmission timer expires; the client owes a retransmission.')
    expect(whole).toContain('The client sends SYN again.')
  })

  it('tells of what the wire damages, doubles and holds', () => {
    const on = { from: 'client', sends: 'SYN' } as const
    expect(until(new RoundFixture(faulty({ wire: [{ on, do: 'corrupt' }] })), 'damaged')).toHaveLength(1)
    expect(until(new RoundFixture(faulty({ wire: [{ on, do: 'duplicate' }] })), 'doubles')[0]).toBe(
      'The network doubles the client’s SYN.',
    )
    expect(until(new RoundFixture(faulty({ wire: [{ on, do: 'delay', after: 500 }] })), 'sends')).toEqual([
      'The client sends SYN; it goes to SYN-SENT; the network holds it for a while.',
    ])
  })

  it('tells of segments that no seat has sent', () => {
    const fixture = new RoundFixture(
      faulty({
        names: { ...plain.names, z: { of: 'client', is: 'earlier' } },
        injections: [{ as: 'stale', to: 'server', when: { been: 'LISTEN' }, segment: { flags: ['SYN'], seq: 'z' } }],
      }),
    )
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    expect(told(fixture).slice(-2)).toEqual([
      'An old duplicate comes out of the network: SYN, from the client to the server.',
      'The client’s old SYN arrives; the server goes to SYN-RECEIVED and owes a SYN,ACK.',
    ])
  })

  it('tells of strangers, and of a backlog that is full', async () => {
    const injections = ['10.0.0.7', '10.0.0.8'].map(
      (from) => ({ as: 'stranger', from, to: 'server', when: { been: 'LISTEN' }, segment: { flags: ['SYN'], seq: 'x' } }) as const,
    )
    const fixture = new RoundFixture(faulty({ backlog: 1, injections }))
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    expect(told(fixture).slice(-6)).toEqual([
      '10.0.0.7 sends SYN to the server.',
      '10.0.0.8 sends SYN to the server.',
      '10.0.0.7’s SYN arrives; connections that the server keeps with strangers: 1.',
      'The server sends SYN,ACK to 10.0.0.7.',
      'The server’s SYN,ACK reaches nobody: the host that it was for has vanished.',
      '10.0.0.8’s SYN finds the backlog full, and is dropped.',
    ])
    await switchLang('zh')
    expect(told(fixture).at(-4)).toBe('10.0.0.7 的 SYN 到达；服务器与陌生主机保持的连接：1。')
  })

  it('tells who has the wire and who plays', () => {
    const fixture = new RoundFixture(handshake)
    fixture.control({ kind: 'control', control: 'stop-wire' })
    fixture.control({ kind: 'control', control: 'takeover', seat: 'client' })
    expect(told(fixture).slice(-2)).toEqual([
      'From here on each segment stops in the network until it is let pass.',
      'The built-in partner plays the client from here on.',
    ])
  })

  it('tells that a further scene opens, in which nobody knows anything', () => {
    const fixture = finish(
      new RoundFixture({ ...handshake, scenes: [plain, { ...plain, id: 'again', milestones: { client: [], server: [] } }] }),
    )
    const steps = buildReplaySteps(readTimeline(fixture.entries))
    const scene = steps.findIndex(({ headline }) => headline?.kind === 'scene')
    expect(describeStep(steps[scene]!)).toBe(
      'Scene 2 opens, with hosts that know nothing of the one before: the client is in CLOSED, the server in CLOSED.',
    )
    expect(trackKnowledge(steps)[scene]).toEqual({ client: { hears: false, heard: false }, server: { hears: false, heard: false } })
    expect(buildBeliefs(steps)[scene]?.client).toEqual({ claimed: 'CLOSED', actual: 'CLOSED' })
  })
})

describe('what each side knows', () => {
  /** For each step: the client can receive, the client can be heard, then the same for the server. */
  const lit = (fixture: RoundFixture) => {
    const steps = buildReplaySteps(readTimeline(fixture.entries))
    const known = trackKnowledge(steps).map(({ client, server }) => [client.hears, client.heard, server.hears, server.heard])
    return known.filter((_, i) => steps[i]?.headline?.kind === 'arrived')
  }

  it('after each segment of a handshake is exactly what the textbook says', () => {
    expect(lit(erring)).toEqual([
      [false, false, true, false],
      [true, true, true, false],
      [true, true, true, true],
    ])
  })

  it('waits for the segment that says so: nothing is known of one that is lost', () => {
    const fixture = finish(new RoundFixture(faulty({ wire: [{ on: { from: 'client', sends: 'SYN' }, do: 'drop' }] })))
    expect(lit(fixture)).toEqual(lit(erring))
  })

  it('with the two-way handshake, the server never learns that the client has its SYN,ACK', () => {
    const fixture = new RoundFixture(faulty({ rules: 'two-way-handshake' }))
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    fixture.call('client', { call: 'OPEN', mode: 'active' })
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    fixture.send('server', 'SA', 'y', 'x+1', 'ESTABLISHED')
    expect(fixture.world.hosts.server.tcb.state).toBe('ESTABLISHED')
    expect(lit(fixture).at(-1)).toEqual([true, true, true, false])
  })

  it('is forgotten with the TCB', () => {
    const fixture = finish(new RoundFixture(exercises.get('close-client')!))
    expect(trackKnowledge(buildReplaySteps(readTimeline(fixture.entries)))[0]?.server).toEqual({ hears: true, heard: true })
    expect(lit(fixture).at(-1)).toEqual([true, true, false, false])
  })
})

describe('what each side says that it is in', () => {
  it('lags behind what it is in until it is said, and is what a refused claim said', () => {
    const beliefs = buildBeliefs(buildReplaySteps(readTimeline(erring.entries))).map(({ server: { claimed, actual } }) =>
      claimed === actual ? actual : `${claimed} ≠ ${actual}`,
    )
    expect(beliefs).toEqual([
      'CLOSED',
      'LISTEN',
      'LISTEN',
      'LISTEN',
      'LISTEN ≠ SYN-RECEIVED',
      'LISTEN ≠ SYN-RECEIVED',
      'ESTABLISHED ≠ SYN-RECEIVED',
      'SYN-RECEIVED',
      'SYN-RECEIVED',
      'SYN-RECEIVED',
      'SYN-RECEIVED ≠ ESTABLISHED',
      'ESTABLISHED',
      'ESTABLISHED',
    ])
  })

  it('stands in the strip as runs that fill it without a gap', () => {
    expect(groupRuns(['a', 'a', 'b', 'a'], Object.is)).toEqual([
      { value: 'a', from: 0, to: 2 },
      { value: 'b', from: 2, to: 3 },
      { value: 'a', from: 3, to: 4 },
    ])
    expect(groupRuns([], Object.is)).toEqual([])
  })
})

describe('a TCB beside the timeline', () => {
  const changed = (i: number, seat: 'client' | 'server') => {
    const fields = listTcbFields(buildReplaySteps(readTimeline(erring.entries))[i]!, seat)
    return Object.fromEntries(fields.flatMap((field) => (field.changed ? [[field.name, field.value]] : [])))
  }

  it('marks what a step has changed', () => {
    expect(changed(3, 'client')).toEqual({ 'SND.UNA': 'x', 'SND.NXT': 'x+1', 'RCV.WND': '65535' })
    expect(changed(8, 'client')).toEqual({ 'SND.UNA': 'x+1', 'SND.WND': '65535', 'RCV.NXT': 'y+1' })
    expect(changed(8, 'server')).toEqual({})
    expect(changed(0, 'server'), 'at first nothing has changed').toEqual({})
  })

  it('holds nothing where there is no connection, and nothing of the peer before its SYN', () => {
    const [closed, syn] = [0, 3].map((i) =>
      listTcbFields(buildReplaySteps(readTimeline(erring.entries))[i]!, 'client').map(({ value }) => value),
    )
    expect(closed).toEqual([null, null, null, null, null])
    expect(syn).toEqual(['x', 'x+1', null, null, '65535'])
  })

  it('names the timer that goes off first', () => {
    const at = (i: number) => findNextTimer(buildReplaySteps(readTimeline(erring.entries))[i]!.after, 'client')
    expect(at(0)).toBeNull()
    expect(at(3)).toEqual({ timer: 'retransmission', at: 1000 })
  })
})

describe('a replay that goes on by itself', () => {
  it('stays longer where there is more to read; an ideograph counts for three letters', () => {
    expect(estimateReadingMs('')).toBe(1_500)
    expect(estimateReadingMs('SYN')).toBe(1_665)
    expect(estimateReadingMs('到达')).toBe(1_840)
    expect(Math.max(...told(erring).map(estimateReadingMs))).toBeLessThan(10_000)
  })
})

describe('a ladder on paper', () => {
  it('is cut into pieces where nothing is cut through', () => {
    const { entries } = finish(new RoundFixture(exercises.get('close-client')!))
    const heads = { client: 'CLIENT', server: 'SERVER' }
    const drawing = computeLayout(buildRowsFromLog(readTimeline(entries)), {
      width: 660,
      perspective: 'all',
      heads,
      label: buildRowLabel,
    })
    const pieces = splitIntoPages(drawing, 300)
    expect(pieces.length).toBeGreaterThan(1)
    expect(pieces.map(({ from }) => from)).toEqual([0, ...pieces.slice(0, -1).map(({ to }) => to)])
    expect(pieces.at(-1)?.to).toBe(drawing.height)
    for (const { from, to } of pieces) expect(to - from).toBeLessThanOrEqual(300)
    for (const { shapes } of drawing.figures)
      for (const shape of shapes) {
        if (shape.kind !== 'line' || shape.y2 === '100%') continue
        const [top, bottom] = [shape.y1, shape.y2].sort((a, b) => a - b) as [number, number]
        for (const { to } of pieces.slice(0, -1)) expect(top >= to || bottom <= to).toBe(true)
      }
    expect(splitIntoPages(drawing, 10_000)).toEqual([{ from: 0, to: drawing.height }])
  })
})

it('a log that has not begun has no steps', () => {
  expect(buildReplaySteps([])).toEqual([])
  expect(foldEntries([])).toBeNull()
})

describe('an address with an entry of the log', () => {
  it('opens the replay at the first step of that entry, or the last before it', () => {
    const steps = buildReplaySteps(readTimeline(finish(erring).entries))
    const refused = steps.findIndex(({ entry }) => entry.verdict.outcome === 'refused')
    expect(findStepByHash(steps, `#entry=${steps[refused]!.entry.index}`)).toBe(refused)
    expect(findStepByHash(steps, '#entry=9999')).toBe(steps.length - 1)
    for (const hash of ['', '#entry=', '#entry=x', '#other']) expect(findStepByHash(steps, hash)).toBe(0)
  })
})

it('the state diagram of a step has the states up to it, each once', () => {
  const steps = buildReplaySteps(readTimeline(erring.entries))
  const last = steps.length - 1
  expect(listStates(steps, last, 'client')).toEqual(['CLOSED', 'SYN-SENT', 'ESTABLISHED'])
  expect(listStates(steps, last, 'server')).toEqual(['CLOSED', 'LISTEN', 'SYN-RECEIVED', 'ESTABLISHED'])
  expect(listStates(steps, 0, 'server')).toEqual(['CLOSED'])
})
