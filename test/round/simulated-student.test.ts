/** Simulated students play every exercise as the server would let them: by automatic actions alone. */
import { describe, expect, it } from 'vitest'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import type { SimulatedStudent } from '../../protocol/round/model/script.ts'
import { listAutomaticActions } from '../../protocol/round/play/automatic-action.ts'
import { Round } from '../../protocol/round/round.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { loadExercises } from '../../exercises/load.ts'

const exercises = loadExercises('exercises')
const IDLE_AFTER_MS = 20_000
const MAX_ENTRIES = 400

/** Plays a round of two such students, each action when it is due. Entries are dated from 1970 on. */
function play(id: string, student: Omit<SimulatedStudent, 'seed'>): Round {
  const exercise = exercises.get(id)!
  const simulated = { client: { ...student, seed: 1 }, server: { ...student, seed: 2 } }
  const script = instantiateExercise(exercise, 'guided', seededRandom(7), { simulated })
  const round = new Round({ id, tls: TLS_TOOLS })
  const enter = (act: Omit<Parameters<Round['enter']>[0], 'at'>) => round.enter({ ...act, at: new Date(now).toISOString() })
  let now = 0
  let due = new Map<string, number>()
  enter({ actor: 'system', actionId: 'start', action: { kind: 'control', control: 'start', script }, seen: null })
  while (round.entries.length < MAX_ENTRIES) {
    const actions = listAutomaticActions(round, now, IDLE_AFTER_MS)
    due = new Map(actions.map(({ purpose, delayMs }) => [purpose, due.get(purpose) ?? now + delayMs]))
    const [first] = actions.toSorted((a, b) => due.get(a.purpose)! - due.get(b.purpose)!)
    if (!first) break
    now = Math.max(now, due.get(first.purpose)!)
    const { delayMs: _, purpose: __, ...act } = first
    enter(act)
  }
  return round
}

const refusals = ({ entries }: Round) => entries.filter(({ verdict }) => verdict.outcome === 'refused')
const lastAt = ({ entries }: Round) => Date.parse(entries.at(-1)!.at)

describe('simulated students', () => {
  it.each(exercises.published().map(({ id }) => id))('reach the goal of %s, after mistakes', (id) => {
    const round = play(id, { mistakes: 0.5, speed: 1 })
    expect(round.world?.over).toBe('goal')
  })

  it('make no mistake at probability 0, and several at 1', () => {
    expect(refusals(play('handshake', { mistakes: 0, speed: 1 }))).toEqual([])
    expect(refusals(play('handshake', { mistakes: 1, speed: 1 })).length).toBeGreaterThan(3)
  })

  it('are never away: the built-in partner does not take their seats over', () => {
    const round = play('handshake', { mistakes: 0, speed: 1 })
    const opened = new Round({ id: 'opened', tls: TLS_TOOLS })
    const at = new Date(0).toISOString()
    const [start] = round.entries
    opened.enter({ actor: 'system', actionId: 'start', action: start!.action, seen: null, at })
    opened.enter({
      actor: 'system',
      actionId: 'away',
      action: { kind: 'control', control: 'takeover', seat: 'client' },
      seen: null,
      at,
    })
    expect(opened.world?.seats.client.player).toBe('person')
  })

  it('play the same from the same seeds, and faster at a higher speed', () => {
    const round = play('handshake', { mistakes: 0.5, speed: 1 })
    expect(play('handshake', { mistakes: 0.5, speed: 1 }).entries).toEqual(round.entries)
    expect(lastAt(play('handshake', { mistakes: 0.5, speed: 20 }))).toBeLessThan(lastAt(round) / 10)
  })
})
