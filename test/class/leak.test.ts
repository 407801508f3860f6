import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import type { LeakPhoneView, LeakScreenView } from '../../protocol/class/leak/leak-views.ts'
import { recordingsOf } from '../../protocol/class/leak/recordings.ts'
import { playThrough } from '../../protocol/round/play/play-through.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { ActivityFixture } from '../support/activity.ts'

const exercise = loadExercises('exercises').get('https-forward-secrecy')!

/** What is recorded of a round that two partners play: with RSA, then with ECDHE. */
const play = (seed: number, members: readonly string[], round: string) => {
  const script = instantiateExercise(exercise, 'guided', seededRandom(seed))
  const { entries, world } = playThrough(script, { client: 'exact', server: 'exact' }, TLS_TOOLS)
  const targets = world.script.scenes.map(({ http }) => http!.page.target)
  return {
    targets,
    recordings: recordingsOf(
      entries.map((entry) => ({ ...entry, roundId: round })),
      members,
    ),
  }
}
const PLAYED = [play(1, ['a', 'b'], 'one'), play(2, ['c', 'd'], 'two'), play(3, ['e', 'f'], 'three')]

const record = (at: ActivityFixture, { recordings }: (typeof PLAYED)[number]) => {
  for (const recording of recordings) at.act('system', { kind: 'record', recording })
}
const screenOf = (at: ActivityFixture) => at.activity.viewForScreen() as LeakScreenView
const phoneOf = (at: ActivityFixture, id: string) => at.activity.viewFor(id) as LeakPhoneView

describe('the key leaks', () => {
  test('before, each request stands there as octets; then RSA opens by computing, and ECDHE stays dark', () => {
    const at = new ActivityFixture({ kind: 'key-leak' })
    for (const played of PLAYED) record(at, played)
    expect(screenOf(at).counts).toEqual({ RSA: { recorded: 3, opened: 0 }, ECDHE: { recorded: 3, opened: 0 } })
    const before = JSON.stringify(screenOf(at)) + JSON.stringify(phoneOf(at, 'a'))
    for (const { targets } of PLAYED) for (const target of targets) expect(before).not.toContain(target)

    at.act('teacher', { kind: 'leak' })
    const { counts, shown } = screenOf(at)
    expect(counts).toEqual({ RSA: { recorded: 3, opened: 3 }, ECDHE: { recorded: 3, opened: 0 } })
    expect(shown.RSA.map(({ text }) => text?.split(' ')[1])).toEqual(PLAYED.map(({ targets }) => targets[0]))
    expect(shown.ECDHE.map(({ text }) => text)).toEqual([null, null, null])
    at.foldAnew()
  })

  test('what is recorded after the leak is opened at once, or stays dark', () => {
    const at = new ActivityFixture({ kind: 'key-leak' })
    at.act('teacher', { kind: 'leak' })
    record(at, PLAYED[0]!)
    expect(screenOf(at).counts).toEqual({ RSA: { recorded: 1, opened: 1 }, ECDHE: { recorded: 1, opened: 0 } })
  })

  test('a page shows what another pair has said, and one without a pair that of any', () => {
    const at = new ActivityFixture({ kind: 'key-leak' })
    expect(phoneOf(at, 'a').others).toEqual([])
    record(at, PLAYED[0]!)
    expect(phoneOf(at, 'a').others).toEqual([])
    record(at, PLAYED[1]!)
    expect(phoneOf(at, 'a').others.map(({ number }) => number)).toEqual([3, 4])
    expect(phoneOf(at, 'd').others.map(({ number }) => number)).toEqual([1, 2])
    expect(phoneOf(at, 'late').others).toHaveLength(2)
  })

  test('a recording that is handed over again is taken once; only the server records and only the teacher leaks, once', () => {
    const at = new ActivityFixture({ kind: 'key-leak' })
    record(at, PLAYED[0]!)
    record(at, PLAYED[0]!)
    expect(at.entries).toHaveLength(2)
    const [recording] = PLAYED[1]!.recordings
    for (const actor of ['a', 'teacher'])
      expect(at.act(actor, { kind: 'record', recording: recording! }).verdict.reason).toBe('not-yours')
    expect(at.act('a', { kind: 'leak' }).verdict.reason).toBe('not-yours')
    expect(at.act('a', { kind: 'enter' }).verdict.reason).toBe('not-yours')
    at.act('teacher', { kind: 'leak' })
    expect(at.act('teacher', { kind: 'leak' }).verdict.reason).toBe('already-called')
  })

  test('75 pairs fit, the projector names none of them and shows the latest', () => {
    const at = new ActivityFixture({ kind: 'key-leak' })
    for (let pair = 0; pair < 75; pair++) {
      const { recordings } = PLAYED[pair % 3]!
      for (const recording of recordings)
        at.act('system', { kind: 'record', recording: { ...recording, round: `round-${pair}`, members: [`p${pair}`, `q${pair}`] } })
    }
    at.act('teacher', { kind: 'leak' })
    expect(screenOf(at).counts).toEqual({ RSA: { recorded: 75, opened: 75 }, ECDHE: { recorded: 75, opened: 0 } })
    expect(JSON.stringify(screenOf(at))).not.toMatch(/"[pq]\d+"|round-/)
    expect(phoneOf(at, 'p74').others).toHaveLength(2)
    at.foldAnew()
  })
})
