/**
 * What a level hides never leaves the server. Every frame that any socket receives while a round is played is searched for what
 * its receiver must not see. The round has a loss, a refusal, a hint and a question; a third seat controls its wire, its teacher
 * follows it, and a student without a part in it tries to see it.
 */
import { SEATS } from '../../protocol/seat.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { LEVELS, scoredStepsOf, type Level } from '../../protocol/round/model/exercise.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import { ATTEMPT, type Frames, recordFrames, type Listener, LISTENERS } from '../support/leak-scan.ts'
import { ROUND, startNode, type TestNode } from '../support/pair.ts'

const handshake = loadExercises('exercises').get('handshake')!

let node: TestNode | undefined
afterEach(() => node?.close())

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)
const [nudge = ''] = handshake.scenes[0]!.milestones.server.map((each) => inJson(each.nudge.en))

/**
 * The texts that must not occur in a listener's frames. The teacher has the whole log, so nothing is hidden from that listener.
 */
function hidden(who: Exclude<Listener, 'teacher'>, level: Level, { seed }: Script): readonly string[] {
  const everybody = [
    // The script, its seed, which choice is right; what was wanted instead of what was given.
    ...['"seed"', `${seed}`, '"scenes":[{"id":"handshake","opening"', '"right":', '"misconceptions"', '"effects"', '"want"'],
    // A TCB as the engine holds it; what `guided` shows has other names.
    ...['"owes"', '"iss":', '"irs"', '"una"', '"hosts"'],
  ]
  const ofSeats = [
    // Only the network seat sees what was lost.
    '"lost"',
    ...(level === 'exam' ? ['"status"', '"eighths"', '"misconception"', '"field"', '"why"'] : []),
    ...(level === 'guided' ? [] : ['"sndNxt"']),
  ]
  // Only its author sees a refused attempt; nor does a seat see the hints that the other one buys.
  switch (who) {
    case 'client':
      return [...everybody, ...ofSeats, nudge]
    case 'server':
      return [...everybody, ...ofSeats, ATTEMPT]
    case 'network':
      return [...everybody, ATTEMPT, nudge, 'SYN-SENT', 'SYN-RECEIVED', '"milestones"', '"hint"', '"state"', '"events"']
    case 'outsider':
      return [...everybody, ATTEMPT, nudge, ROUND, '"view', '"entr', '"bits"', '"seq"', '"state"', 'SYN']
  }
}

/** The hidden texts that a listener has received nevertheless. */
const leaks = (frames: Frames, level: Level, script: Script): string[] =>
  LISTENERS.flatMap((who) =>
    who === 'teacher'
      ? []
      : hidden(who, level, script)
          .filter((text) => frames[who].some((frame) => frame.includes(text)))
          .map((text) => `${who}: ${text}`),
  )

describe.each(LEVELS)('at %s', (level) => {
  test('no frame holds what its receiver may not see', async () => {
    const { frames, entries, script } = await recordFrames((node = await startNode()), handshake, level)
    for (const who of LISTENERS) expect(frames[who].join().length, `${who} has heard something`).toBeGreaterThan(200)
    // There was something to hide.
    const effects = entries.flatMap((entry) => entry.effects)
    expect(effects.filter(({ kind }) => kind === 'lost')).not.toEqual([])
    expect(entries.flatMap(({ verdict }) => verdict.findings.map(({ want }) => typeof want))).toContain('number')
    expect(leaks(frames, level, script)).toEqual([])

    // The search must find what is planted: each text by itself, a row of the log, and what another listener has received.
    const planted = (who: Listener, ...more: readonly string[]) =>
      leaks({ ...frames, [who]: [...frames[who], ...more] }, level, script)
    for (const who of ['client', 'server', 'network', 'outsider'] as const) {
      for (const text of hidden(who, level, script)) expect(planted(who, text)).toContain(`${who}: ${text}`)
      expect(planted(who, JSON.stringify(entries[0]))).not.toEqual([])
      expect(planted(who, ...frames.teacher)).not.toEqual([])
    }
    expect(planted('server', ...frames.client)).toEqual([`server: ${ATTEMPT}`])
    for (const who of ['network', 'outsider'] as const)
      for (const seat of SEATS) expect(planted(who, ...frames[seat])).not.toEqual([])
    expect(planted('outsider', ...frames.network)).not.toEqual([])
  })
})

describe.each(LEVELS)('at %s, of an exercise whose scenes are drawn from a pool', (level) => {
  const exercise = loadExercises('exercises').get('spot-the-fault')!
  /** The ids of its scenes and of what is scored in them, and at exam the texts of the milestones. */
  const identifying = exercise.scenes.flatMap((scene) => [
    scene.id,
    ...SEATS.flatMap((seat) => scoredStepsOf(scene, seat).map(({ id }) => id)),
    ...(level === 'exam' ? SEATS.flatMap((seat) => scene.milestones[seat].map(({ text }) => text.en)) : []),
  ])
  const found = (frames: readonly string[]) =>
    identifying.filter((text) => frames.some((frame) => frame.includes(`:${JSON.stringify(text)}`)))

  test('no frame of a student identifies a scene or a question', async () => {
    const { frames, entries } = await recordFrames((node = await startNode()), exercise, level)
    expect(entries.filter(({ action }) => action.kind === 'answer').length).toBeGreaterThan(1)
    for (const who of LISTENERS) if (who !== 'teacher') expect(found(frames[who]), who).toEqual([])
    expect(found(frames.teacher), 'the teacher has the whole log').not.toEqual([])
  })
})
