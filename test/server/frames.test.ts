/**
 * What a level hides never leaves the server: every frame that anybody's socket receives while a round is played, searched for what it must not
 * hold. The round has a loss, a refusal, a hint, a question; its wire is a third seat's.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { drawScript } from '../../protocol/world/draw.ts'
import { LEVELS, SEATS, type Level, type Seat } from '../../protocol/world/exercise.ts'
import { answer } from '../../protocol/world/answer.ts'
import { written } from '../../protocol/world/partner.ts'
import { seeded } from '../../protocol/world/seeded.ts'
import type { Entry } from '../../protocol/world/action.ts'
import { ROUND, sit, startNode, type Client, type TestNode } from '../support/pair.ts'

const handshake = loadExercises('exercises').get('handshake')!

let node: TestNode | undefined
afterEach(() => node?.close())

/** Everything that comes in at a socket, as text. */
function listen(client: Client): string[] {
  const frames: string[] = []
  client.io.engine.on('packet', ({ data }) => frames.push(String(data ?? '')))
  client.io.on('open', () => client.io.engine.on('packet', ({ data }) => frames.push(String(data ?? ''))))
  return frames
}

type Who = Seat | 'alone'

/** Plays a round to its end; what each has received, and the log. */
async function heard(level: Level): Promise<{ frames: Record<Who, string>; entries: readonly Entry[] }> {
  node = await startNode()
  const here = node
  const heardBy: Partial<Record<Who, string[]>> = {}
  here.lesson.network = true
  const seat = async (who: Seat) => sit(here, who, (client) => (heardBy[who] = listen(client)))
  const players = { client: await seat('client'), server: await seat('server') }
  const stranger = here.connect('alone')
  heardBy.alone = listen(stranger)
  await new Promise<void>((resolve) => stranger.once('place', () => resolve()))
  await here.rooms.start(ROUND, drawScript(handshake, level, seeded(7), { network: true }))
  await stranger.emitWithAck('resumeWire', { round: ROUND, from: 0 })

  const wrong = {
    type: 'send',
    segment: { bits: 2, seq: level === 'exam' ? '3141592653' : 'x+3141592', ack: '', length: 0 },
    state: 'SYN-SENT',
  } as const
  let passed = 0
  let erred = false
  for (let turn = 0; turn < 80; turn++) {
    const world = await here.rooms.world(ROUND)
    if (!world || world.over) break
    const [flight] = world.wire
    if (flight) {
      // The first is lost, the others pass.
      const wire = passed++ === 0 ? 'drop' : 'pass'
      const action = { type: 'wire', wire, segment: flight.id } as const
      await stranger.emitWithAck('wire', { round: ROUND, id: `wire-act-${turn}`, seen: 0, action })
      continue
    }
    const who = SEATS[turn % 2]!
    const what = answer(world, who)
    if (what.act === 'wait' && world.seats[who].lodged) continue
    if (who === 'client' && what.act === 'send' && !erred) {
      erred = true
      expect((await players.client.act(wrong)).event.act?.outcome).toBe('refused')
    }
    if (turn === 4 && level !== 'exam') await players.server.act({ type: 'hint' })
    await players[who].act(written(world, who, what))
  }
  const entries = await here.rooms.entries(ROUND)
  expect(entries.at(-1)?.effects.some((e) => e.is === 'over')).toBe(true)
  const text = (who: Who) => (heardBy[who] ?? []).join('\n')
  return { frames: { client: text('client'), server: text('server'), alone: text('alone') }, entries }
}

describe.each(LEVELS)('at %s', (level) => {
  test('no frame holds what its receiver may not see', { timeout: 30_000 }, async () => {
    const { frames, entries } = await heard(level)
    const start = entries[0]?.action
    if (start?.type !== 'control' || start.control !== 'start') throw new Error('the round has not begun')
    const { script } = start
    const wanted = entries.flatMap(({ verdict }) =>
      verdict.findings.flatMap(({ want }) => (typeof want === 'number' ? [`${want}`] : [])),
    )

    for (const [who, text] of Object.entries(frames)) {
      expect(text.length, `${who} has heard something`).toBeGreaterThan(200)
      // The script, its seed, and which choice is right.
      for (const hidden of [
        `"seed"`,
        `${script.seed}`,
        '"scenes":[{"id":"handshake","opening"',
        '"right":',
        '"misconceptions"',
        '"effects"',
      ])
        expect(text, `${who}: ${hidden}`).not.toContain(hidden)
      expect(text, `${who}: wanted values`).not.toContain('"want"')
      // A TCB as the engine holds it: what `guided` shows has other names.
      for (const hidden of ['"owes"', '"iss":', '"irs"', '"una"', '"hosts"'])
        expect(text, `${who}: ${hidden}`).not.toContain(hidden)
      // A refused attempt is its author's.
      if (who !== 'client') expect(text, `${who}: the client's try`).not.toContain('3141592')
    }
    // What was lost is for nobody but its sender and the wire.
    const lost = entries.flatMap(({ effects }) => effects.flatMap((e) => (e.is === 'lost' ? [e.id] : [])))
    expect(lost.length).toBeGreaterThan(0)
    for (const seat of SEATS) expect(frames[seat]).not.toContain('"lost"')
    // Nothing of the hosts reaches the wire's seat.
    for (const hidden of ['SYN-SENT', 'SYN-RECEIVED', '"milestones"', '"hint"', '"state"', '"events"'])
      expect(frames.alone, hidden).not.toContain(hidden)
    // Nor does a seat hear what the other one buys or is charged.
    const [nudge] = handshake.scenes[0]!.milestones.server.map((each) => each.nudge.en)
    expect(frames.client).not.toContain(nudge)
    if (level === 'exam') {
      for (const seat of SEATS) {
        expect(frames[seat]).not.toMatch(/"milestones":\[\{"id":"[^"]+","status"/)
        expect(frames[seat]).not.toContain('"misconception"')
        expect(frames[seat]).not.toContain('"field"')
        expect(frames[seat]).not.toContain('"why"')
      }
    }
    if (level !== 'guided') for (const seat of SEATS) expect(frames[seat]).not.toContain('"sndNxt"')
    expect(wanted.length).toBeGreaterThan(0)
  })
})
