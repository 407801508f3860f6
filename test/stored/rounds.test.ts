/** Rounds that version 0.1.0 stored are read, folded, displayed and scored as that version did it, and can be played on. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Action } from '../../protocol/round/model/action.ts'
import type { Effect } from '../../protocol/round/model/effect.ts'
import { SEATS } from '../../protocol/seat.ts'
import type { Outcome } from '../../protocol/round/model/verdict.ts'
import type { Round } from '../../server/generated/prisma/client.ts'
import { readTimeline } from '../../protocol/round/fold/timeline.ts'
import { arrowsOfLadder } from '../support/arrows.ts'
import type { TestDatabase } from '../support/database.ts'
import { storedDatabase } from './database.ts'
import { openRounds } from './facts.ts'

const expected = JSON.parse(readFileSync(new URL('expected.json', import.meta.url), 'utf8')) as {
  /** Keyed by the ids of rounds and sessions. */
  rounds: Record<string, { exercise: string; level: string; entries: number; over: string | null }>
  scores: Record<string, string[]>
}

type Control = Extract<Action, { kind: 'control' }>['control']
type Wire = Extract<Action, { kind: 'wire' }>['wire']
type Over = Extract<Effect, { kind: 'over' }>['why']
type Loss = Extract<Effect, { kind: 'lost' }>['why']

/**
 * All variants of each union, by what it describes. `false`: the variant did not exist yet or could not be stored; a comment says
 * which.
 */
const KINDS = {
  action: {
    call: true,
    send: true,
    write: true,
    claim: true,
    discard: true,
    wait: true,
    hint: true,
    answer: true,
    predict: false, // came later
    wire: true,
    control: true,
  } satisfies Kinds<Action['kind']>,
  control: {
    start: true,
    pause: true,
    resume: true,
    end: true,
    idle: true,
    takeover: true,
    return: true,
    plant: true,
    'stop-wire': true,
    'free-wire': true,
    hint: false, // a teacher's hint is newer
  } satisfies Kinds<Control>,
  wire: { pass: true, drop: true, duplicate: true, hold: true, inject: true } satisfies Kinds<Wire>,
  outcome: { accepted: true, refused: true, crossed: true, asked: true, idle: true, barred: true } satisfies Kinds<Outcome>,
  effect: {
    begun: true,
    scene: true,
    tcb: true,
    left: true,
    injected: true,
    copied: true,
    held: true,
    arrived: true,
    lost: true,
    matched: true,
    'set-out': true,
    strangers: true,
    clock: true,
    timers: true,
    fired: true,
    called: true,
    wrote: true,
    read: true,
    tls: true,
    overheard: true,
    relayed: false, // scenes with an interceptor came later
    voted: false, // so did questions that are discussed
    discussed: false,
    predicted: false, // and predictions
    received: true,
    event: true,
    settled: true,
    said: true,
    milestone: true,
    charged: true,
    due: true,
    tried: true,
    excused: true,
    hinted: true,
    invigilated: true,
    done: true,
    asked: true,
    answered: true,
    lodged: true,
    withdrawn: true,
    seated: true,
    wire: true,
    paused: true,
    resumed: true,
    over: true,
  } satisfies Kinds<Effect['kind']>,
  over: { goal: true, 'moved-on': true, ended: true, broken: true } satisfies Kinds<Over>,
  lost: { dropped: true, corrupted: true, backlog: true, vanished: true } satisfies Kinds<Loss>,
}
type Kinds<K extends string> = { readonly [k in K]: boolean }

let database: TestDatabase
let rounds: ReturnType<typeof openRounds>
let stored: ReadonlyMap<string, Round>
beforeAll(async () => {
  database = await storedDatabase()
  rounds = openRounds(database)
  stored = new Map((await database.prisma.round.findMany()).map((round) => [round.id, round]))
})
afterAll(async () => {
  await rounds.close()
  await database.stop()
})

const found = (id: string): Round => stored.get(id) ?? expect.unreachable(`round ${id} is gone`)

describe('the stored rounds', () => {
  it('are all there, with all their entries', async () => {
    expect([...stored.keys()].sort()).toEqual(Object.keys(expected.rounds).sort())
    const entries = Object.values(expected.rounds).reduce((sum, round) => sum + round.entries, 0)
    expect(await database.prisma.entry.count()).toBe(entries)
  })

  it('have every kind of act, answer and effect that their version knew', async () => {
    const seen: Record<keyof typeof KINDS, Set<string>> = {
      action: new Set(),
      control: new Set(),
      wire: new Set(),
      outcome: new Set(),
      effect: new Set(),
      over: new Set(),
      lost: new Set(),
    }
    for (const id of stored.keys())
      for (const { action, verdict, effects } of await rounds.entries(id)) {
        seen.action.add(action.kind)
        if (action.kind === 'control') seen.control.add(action.control)
        if (action.kind === 'wire') seen.wire.add(action.wire)
        seen.outcome.add(verdict.outcome)
        for (const effect of effects) {
          seen.effect.add(effect.kind)
          if (effect.kind === 'over') seen.over.add(effect.why)
          if (effect.kind === 'lost') seen.lost.add(effect.why)
        }
      }
    for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
      const known = Object.entries<boolean>(KINDS[kind]).flatMap(([name, stored]) => (stored ? [name] : []))
      expect([...seen[kind]].sort(), kind).toEqual(known.sort())
    }
  })

  it.each(Object.entries(expected.rounds).map(([id, facts]) => ({ id, facts })))(
    'fold to the same facts: $facts.exercise at $facts.level, $id',
    async ({ id, facts }) => {
      // Through JSON, which leaves out undefined values.
      expect(JSON.parse(JSON.stringify(await rounds.facts(found(id))))).toEqual(facts)
    },
  )

  it('end, on the board, with the last arrows of their ladders', async () => {
    for (const round of stored.values()) {
      const timeline = readTimeline(await rounds.entries(round.id))
      const drawn = (await rounds.facts(round)).tile.arrows
      expect(drawn, round.id).toBe(arrowsOfLadder(timeline).slice(-12))
    }
  })

  it('travel as updates that merge to the views that the log has', async () => {
    for (const round of stored.values())
      for (const seat of SEATS) {
        const { merged, made } = await rounds.views(round, seat)
        expect(made.length).toBeGreaterThan(0)
        expect(merged, `${round.id} ${seat}`).toEqual(made)
      }
  })

  it('still have the texts of their exercises, of a teacher’s own as well', async () => {
    for (const round of stored.values()) expect(await rounds.title(round), round.exercise).toEqual(expect.any(String))
  })

  it.each(Object.entries(expected.scores))('give the same points: session %s', async (session, lines) => {
    expect(await rounds.scores(session)).toEqual(lines)
  })

  it('go on from where they stood', async () => {
    const open = Object.entries(expected.rounds).flatMap(([id, { over }]) => (over === null ? [id] : []))
    expect(open.length).toBeGreaterThan(0)
    for (const id of open) expect(await rounds.playOn(id), id).toBe('goal')
  })
})
