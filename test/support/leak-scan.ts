/**
 * Plays a round over real sockets and records what five listeners receive: both seats, the network seat, a student of the lesson
 * who has no part in the round and tries to see it, and a teacher who follows it. The round contains a refusal, a hint, and a
 * loss if the network seat may drop segments.
 */
import { type Seat, SEATS } from '../../protocol/seat.ts'
import { expect } from 'vitest'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { SYN } from '../../protocol/segment.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { type Exercise, type Level } from '../../protocol/round/model/exercise.ts'
import { toShownAction } from '../../protocol/round/view/opaque-ids.ts'
import { toSeatAction } from '../../protocol/round/play/partner.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { networkPart, sceneOf } from '../../protocol/round/fold/current-scene.ts'
import { type Client, next, ROUND, SESSION, sit, type TestNode } from './pair.ts'

export const LISTENERS = [...SEATS, 'network', 'outsider', 'teacher'] as const
export type Listener = (typeof LISTENERS)[number]

/** The packets that each listener's socket has received, one string per packet. */
export type Frames = Readonly<Record<Listener, readonly string[]>>

export interface Recording {
  readonly frames: Frames
  readonly entries: readonly Entry[]
  readonly script: Script
}

/** The wrong number that the client sends. It must not occur in a view of anybody else. */
export const ATTEMPT = '3141592'

/** Plays a round to its end. Returns what each listener received until then, and the log. */
export async function recordFrames(node: TestNode, exercise: Exercise, level: Level): Promise<Recording> {
  node.lesson.network = true
  const frames: Record<Listener, string[]> = { client: [], server: [], network: [], outsider: [], teacher: [] }
  const seat = (who: Seat) => sit(node, who, (client) => listen(client, frames[who]))
  const players = { client: await seat('client'), server: await seat('server') }
  const student = async (who: Listener, as: 'alone' | 'outsider') => {
    const socket = node.connect(as)
    listen(socket, frames[who])
    await next(socket, 'place')
    return socket
  }
  const network = await student('network', 'alone')
  const outsider = await student('outsider', 'outsider')
  const teacher = node.connect('teacher')
  listen(teacher, frames.teacher)

  const script = instantiateExercise(exercise, level, seededRandom(7), { network: true })
  await node.rounds.start(ROUND, script)
  await network.emitWithAck('resumeWire', { round: ROUND, from: 0 })
  await teacher.emitWithAck('follow', { round: ROUND, from: 0 })

  let passed = 0
  let erred = false
  for (let turn = 0; turn < 400; turn++) {
    const world = await node.rounds.readWorld(ROUND)
    if (!world || world.over) break
    const flight = world.wire.find(({ due }) => due === null)
    if (flight) {
      const wire = passed++ === 0 && networkPart(world)?.may.includes('drop') ? 'drop' : 'pass'
      const action = { kind: 'wire', wire, segment: flight.id } as const
      await network.emitWithAck('wire', { round: ROUND, id: `wire-act-${turn}`, seen: 0, action })
      continue
    }
    if (turn === 6) await triesEverything(outsider)
    const who = SEATS[turn % 2]!
    const what = nextEngineAction(world, who)
    if (who === 'client' && what.kind === 'send' && !erred) {
      erred = true
      const [name] = Object.keys(sceneOf(world).names)
      const segment = { bits: SYN, seq: level === 'exam' ? `${ATTEMPT}653` : `${name}+${ATTEMPT}`, ack: '', length: 0 }
      expect((await players.client.act({ kind: 'send', segment, state: 'SYN-SENT' })).event.act?.outcome).toBe('refused')
    }
    if (turn === 4 && level !== 'exam') await players.server.act({ kind: 'hint' })
    // A seat that is already waiting waits again, without effect, so it receives a reply between any two acts of the other seat.
    await players[who].act(toShownAction(script, who, toSeatAction(world, who, what)))
  }
  const entries = await node.rounds.readEntries(ROUND)
  expect(entries.at(-1)?.effects.some((e) => e.kind === 'over')).toBe(true)
  // A reply that follows a listener's last event guarantees that the event has been received.
  await teacher.emitWithAck('unfollow', { round: ROUND })
  // A reloaded page receives all its views again, which include its own acts.
  for (const who of SEATS) await players[who].client.emitWithAck('resume', { round: ROUND, from: 0 })
  return { frames, entries, script }
}

function listen(client: Client, frames: string[]): void {
  const hear = () => client.io.engine.on('packet', ({ data }) => frames.push(String(data ?? '')))
  hear()
  client.io.on('open', hear)
}

async function triesEverything(outsider: Client): Promise<void> {
  const act = { round: ROUND, id: 'an-outsider', seen: 0 } as const
  const refused = [
    await outsider.emitWithAck('resume', { round: ROUND, from: 0 }),
    await outsider.emitWithAck('act', { ...act, action: { kind: 'wait' } }),
    await outsider.emitWithAck('resumeWire', { round: ROUND, from: 0 }),
    await outsider.emitWithAck('wire', { ...act, action: { kind: 'wire', wire: 'pass', segment: 1 } }),
    await outsider.emitWithAck('follow', { round: ROUND, from: 0 }),
    await outsider.emitWithAck('watch', { session: SESSION }),
  ]
  for (const reply of refused) expect(reply).toMatchObject({ ok: false, error: 'forbidden' })
}
