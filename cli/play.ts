/** `handshake play`: lets two built-in partners play an exercise to its goal, and prints the round. */
import { writeFileSync } from 'node:fs'
import { ExerciseError, loadExercises } from '../exercises/load.ts'
import { TLS_TOOLS } from '../exercises/tls-tools.ts'
import { describeRound } from './describe-round.ts'
import { instantiateExercise } from '../protocol/round/setup/instantiate.ts'
import { LANGS, LEVELS, type Exercise, type Lang, type Level } from '../protocol/round/model/exercise.ts'
import { exportCapture } from '../protocol/round/export/capture-file.ts'
import { playThrough } from '../protocol/round/play/play-through.ts'
import { seededRandom } from '../protocol/round/setup/random.ts'
import { parseOptionsOf, TEXT } from './options.ts'
import type { Streams } from './streams.ts'

interface PlayOptions {
  readonly exercise: string
  readonly level: Level
  readonly lang: Lang
  readonly seed: number
  readonly pcap: string | null
  readonly format: 'text' | 'jsonl'
}

const USAGE = 'handshake play EXERCISE [--level L] [--lang zh|en] [--seed N] [--pcap FILE] [--format text|jsonl]'

/**
 * Plays an exercise of `folder`. The same seed gives the same output. Exit status: 0 the goal was reached, 1 it was not, 2 the arguments
 * are wrong or a file cannot be read or written.
 */
export function runPlay(args: readonly string[], { stdout, stderr }: Streams, folder: string): 0 | 1 | 2 {
  const fail = (message: string): 2 => {
    stderr.write(`handshake play: ${message}\n`)
    return 2
  }
  if (args.includes('--help')) {
    stdout.write(`${USAGE}\n`)
    return 0
  }
  const options = parseOptions(args)
  if (typeof options === 'string') return fail(`${options} Usage: ${USAGE}`)
  let exercise: Exercise | undefined
  try {
    const exercises = loadExercises(folder)
    exercise = exercises.get(options.exercise)
    if (!exercise) {
      const known = exercises.published().map(({ id }) => id)
      return fail(`there is no exercise ${options.exercise}. These are there: ${known.join(', ')}.`)
    }
  } catch (error) {
    if (!(error instanceof ExerciseError)) throw error
    return fail(error.message)
  }

  const script = instantiateExercise(exercise, options.level, seededRandom(options.seed))
  const { entries, world } = playThrough(script, { client: 'exact', server: 'exact' }, TLS_TOOLS)
  if (options.format === 'jsonl') for (const entry of entries) stdout.write(`${JSON.stringify(entry)}\n`)
  else {
    const title = exercise.title[options.lang]
    stdout.write(`${[`# ${title} (${exercise.id}@${exercise.version})`, ...describeRound(entries, options.lang)].join('\n')}\n`)
  }
  if (options.pcap !== null) {
    try {
      writeFileSync(options.pcap, exportCapture(entries))
    } catch (error) {
      return fail(`cannot write ${options.pcap}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (world.over === 'goal') return 0
  stderr.write(`handshake play: ${options.exercise} did not come to its goal with seed ${options.seed}\n`)
  return 1
}

/** The options; or a message that says what is wrong with the arguments. */
function parseOptions(args: readonly string[]): PlayOptions | string {
  const parsed = parseOptionsOf(args, { level: TEXT, lang: TEXT, seed: TEXT, pcap: TEXT, format: TEXT })
  if (typeof parsed === 'string') return parsed
  const { values, positionals } = parsed
  const [exercise, ...more] = positionals
  if (exercise === undefined) return 'which exercise?'
  if (more.length > 0) return `one exercise at a time, not ${positionals.length}.`
  const { level = 'guided', lang = 'en', seed = '1', pcap = null, format = 'text' } = values
  if (!isOneOf(LEVELS, level)) return `--level takes ${LEVELS.join(', ')}.`
  if (!isOneOf(LANGS, lang)) return `--lang takes ${LANGS.join(', ')}.`
  if (!isOneOf(['text', 'jsonl'] as const, format)) return '--format takes text or jsonl.'
  if (!/^\d{1,9}$/.test(seed)) return '--seed takes a number.'
  return { exercise, level, lang, seed: Number(seed), pcap, format }
}

const isOneOf = <T extends string>(known: readonly T[], given: string): given is T => (known as readonly string[]).includes(given)
