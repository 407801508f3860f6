/**
 * What a level hides never leaves the server: every frame that anybody's socket receives while a round is played, searched for what it must not
 * hold. The round has a loss, a refusal, a hint, a question; its wire is a third seat's, its teacher follows it, and somebody else looks in.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import type { Entry } from '../../protocol/world/action.ts'
import { answer } from '../../protocol/world/answer.ts'
import { drawScript } from '../../protocol/world/draw.ts'
import { type Exercise, LEVELS, SEATS, type Level, type Seat } from '../../protocol/world/exercise.ts'
import { written } from '../../protocol/world/partner.ts'
import type { Script } from '../../protocol/world/script.ts'
import { seeded } from '../../protocol/world/seeded.ts'
import { next, ROUND, SESSION, sit, startNode, type Client, type TestNode } from '../support/pair.ts'

const exercises = loadExercises('exercises')
const handshake = exercises.get('handshake')!
const https = exercises.get('https-rsa')!

let node: TestNode | undefined
afterEach(() => node?.close())

/** Everything that comes in at a socket, as text. */
function listen(client: Client): string[] {
  const frames: string[] = []
  client.io.engine.on('packet', ({ data }) => frames.push(String(data ?? '')))
  client.io.on('open', () => client.io.engine.on('packet', ({ data }) => frames.push(String(data ?? ''))))
  return frames
}

const EVERYBODY = [...SEATS, 'network', 'outsider', 'teacher'] as const
type Who = (typeof EVERYBODY)[number]
type Frames = Readonly<Record<Who, string>>

interface Heard {
  readonly frames: Frames
  readonly entries: readonly Entry[]
  readonly script: Script
}

/** Plays a round to its end: what each has received until then, and the log. */
async function heard(exercise: Exercise, level: Level): Promise<Heard> {
  node = await startNode()
  const here = node
  here.lesson.network = true
  const heardBy = new Map<Who, string[]>()
  const seat = (who: Seat) => sit(here, who, (client) => heardBy.set(who, listen(client)))
  const players = { client: await seat('client'), server: await seat('server') }
  const student = async (who: Who, as: 'alone' | 'outsider') => {
    const socket = here.connect(as)
    heardBy.set(who, listen(socket))
    await next(socket, 'place')
    return socket
  }
  const network = await student('network', 'alone')
  const outsider = await student('outsider', 'outsider')
  const teacher = here.connect('teacher')
  heardBy.set('teacher', listen(teacher))

  const script = drawScript(exercise, level, seeded(7), { network: true })
  await here.rooms.start(ROUND, script)
  await network.emitWithAck('resumeWire', { round: ROUND, from: 0 })
  await teacher.emitWithAck('follow', { round: ROUND })

  const wrong = {
    type: 'send',
    segment: { bits: 2, seq: level === 'exam' ? '3141592653' : 'x+3141592', ack: '', length: 0 },
    state: 'SYN-SENT',
  } as const
  let passed = 0
  let erred = false
  for (let turn = 0; turn < 400; turn++) {
    const world = await here.rooms.world(ROUND)
    if (!world || world.over) break
    const flight = world.wire.find(({ due }) => due === null)
    if (flight) {
      // The first is lost, the others pass.
      const wire = passed++ === 0 && exercise === handshake ? 'drop' : 'pass'
      const action = { type: 'wire', wire, segment: flight.id } as const
      await network.emitWithAck('wire', { round: ROUND, id: `wire-act-${turn}`, seen: 0, action })
      continue
    }
    if (turn === 6) await triesEverything(outsider)
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
  // The last event of each has come in once it has been answered something more.
  await teacher.emitWithAck('unfollow', { round: ROUND })
  const text = (who: Who) => heardBy.get(who)!.join('\n')
  const [client, server, ...others] = EVERYBODY.map(text)
  const [wire, beside, watching] = others
  return { frames: { client: client!, server: server!, network: wire!, outsider: beside!, teacher: watching! }, entries, script }
}

async function triesEverything(outsider: Client): Promise<void> {
  const act = { round: ROUND, id: 'an-outsider', seen: 0 } as const
  const refused = [
    await outsider.emitWithAck('resume', { round: ROUND, from: 0 }),
    await outsider.emitWithAck('act', { ...act, action: { type: 'wait' } }),
    await outsider.emitWithAck('resumeWire', { round: ROUND, from: 0 }),
    await outsider.emitWithAck('wire', { ...act, action: { type: 'wire', wire: 'pass', segment: 1 } }),
    await outsider.emitWithAck('follow', { round: ROUND }),
    await outsider.emitWithAck('watch', { session: SESSION }),
  ]
  for (const reply of refused) expect(reply).toMatchObject({ ok: false, error: 'forbidden' })
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)
const [nudge = ''] = handshake.scenes[0]!.milestones.server.map((each) => inJson(each.nudge.en))

/** What may not stand in anybody's frames but the teacher's, who has the whole log. */
function hidden(who: Exclude<Who, 'teacher'>, level: Level, { seed }: Script): readonly string[] {
  const everybody = [
    // The script, its seed, which choice is right; what was wanted in place of what was given.
    ...['"seed"', `${seed}`, '"scenes":[{"id":"handshake","opening"', '"right":', '"misconceptions"', '"effects"', '"want"'],
    // A TCB as the engine holds it: what `guided` shows has other names.
    ...['"owes"', '"iss":', '"irs"', '"una"', '"hosts"'],
  ]
  const ofSeats = [
    // What was lost is for nobody but the wire.
    '"lost"',
    ...(level === 'exam' ? ['"status"', '"eighths"', '"misconception"', '"field"', '"why"'] : []),
    ...(level === 'guided' ? [] : ['"sndNxt"']),
  ]
  // A refused attempt is its author's; nor does a seat hear what the other one buys.
  const attempt = '3141592'
  switch (who) {
    case 'client':
      return [...everybody, ...ofSeats, nudge]
    case 'server':
      return [...everybody, ...ofSeats, attempt]
    case 'network':
      return [...everybody, attempt, nudge, 'SYN-SENT', 'SYN-RECEIVED', '"milestones"', '"hint"', '"state"', '"events"']
    case 'outsider':
      return [...everybody, attempt, nudge, ROUND, '"view', '"entr', '"bits"', '"seq"', '"state"', 'SYN']
  }
}

/** Whatever has come to somebody from whom it is hidden. */
const leaks = (frames: Frames, level: Level, script: Script): string[] =>
  EVERYBODY.flatMap((who) =>
    who === 'teacher'
      ? []
      : hidden(who, level, script)
          .filter((text) => frames[who].includes(text))
          .map((text) => `${who}: ${text}`),
  )

describe.each(LEVELS)('at %s', (level) => {
  test('no frame holds what its receiver may not see', async () => {
    const { frames, entries, script } = await heard(handshake, level)
    for (const who of EVERYBODY) expect(frames[who].length, `${who} has heard something`).toBeGreaterThan(200)
    // There was something to hide.
    const effects = entries.flatMap((entry) => entry.effects)
    expect(effects.filter(({ is }) => is === 'lost')).not.toEqual([])
    expect(entries.flatMap(({ verdict }) => verdict.findings.map(({ want }) => typeof want))).toContain('number')
    expect(leaks(frames, level, script)).toEqual([])

    // The search finds what is there to be found: each thing by itself, a row of the log, and what another one has heard.
    const planted = (who: Who, text: string) => leaks({ ...frames, [who]: frames[who] + text }, level, script)
    for (const who of ['client', 'server', 'network', 'outsider'] as const) {
      for (const text of hidden(who, level, script)) expect(planted(who, text)).toContain(`${who}: ${text}`)
      expect(planted(who, JSON.stringify(entries[0]))).not.toEqual([])
      expect(planted(who, frames.teacher)).not.toEqual([])
    }
    expect(planted('server', frames.client)).toEqual(['server: 3141592'])
    for (const who of ['network', 'outsider'] as const) for (const seat of SEATS) expect(planted(who, frames[seat])).not.toEqual([])
    expect(planted('outsider', frames.network)).not.toEqual([])
  })
})

test('secrets of TLS come to the seats that have them, and to nobody else while the round is played', async () => {
  const { frames, entries } = await heard(https, 'guided')
  const secrets = entries.flatMap(({ effects }) =>
    effects.flatMap((e) => {
      if (e.is !== 'tls') return []
      const { secrets, writes, reads } = e.set
      return [secrets?.preMaster, secrets?.master, writes?.key, reads?.key].filter((secret) => typeof secret === 'string')
    }),
  )
  expect(secrets).not.toEqual([])
  const found = (text: string) => secrets.filter((secret) => text.includes(secret))
  for (const who of ['network', 'outsider', 'teacher'] as const) expect(found(frames[who]), who).toEqual([])
  for (const seat of SEATS) expect(found(frames[seat]), `the search finds those of the ${seat}`).not.toEqual([])
})
