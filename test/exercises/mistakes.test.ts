/**
 * Scripted students who make mistakes. Each exercise has a file of its name in `test/scenarios/exercises/`, with a mistake for
 * every misconception that a single error in it can show.
 *
 * A file holds one or several conversations, divided by a line `---`. The comment at the top of a conversation is the test's
 * title and says what the student believes, or which rule is broken. Then come the conditions, and last the mistake (everything
 * after a `#` is a comment):
 *
 *     seed 7                        the seed of the round; default: 1
 *     level exam                    default: guided; the numbers below are converted to absolute ones
 *     scene two-msl                 which scene of a family is played
 *     lengths m=137 n=40            the drawn lengths; default: as the seed draws them
 *     arrived ACK                   not before such a segment has arrived at the seat; `arrived ACK 3`: three of them
 *     wrote Certificate             not before the seat has written this message
 *
 *     server at answers sends SYN,ACK seq=y ack=x => SYN-RECEIVED !! syn-consumes-one
 *
 * Both seats are played by the built-in partner until `answers` is the server's oldest open milestone and the partner would send
 * a segment there. Then the student makes the mistake instead. The refusal must have this misconception and no other finding
 * (`-`: a finding without a misconception); `??` is a remark on an action that is accepted nevertheless. Then the partner plays
 * on to the goal. The student's action is one of
 *
 *     sends ACK seq=x+1 ack=y+1 data=20 => ESTABLISHED
 *     claims TIME-WAIT              about the newest event that is open
 *     discards                      the newest event that is open
 *     writes "GET / HTTP/1.1\n\n"    an HTTP message, as a JSON string
 *     writes {"say":"Finished"}     a TLS message, as JSON
 *
 * and is performed when the partner would do the same kind of action, or, for `discards`, would send; `at gone/claim` names
 * another kind. `at -` means that the seat has no open milestone.
 */
import { type Seat, SEATS } from '../../protocol/seat.ts'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { formatNumber, parseNumber, parseState } from '../../protocol/notation.ts'
import { bitNames, bitsOf, CONTROL_BITS, SEGMENT_KINDS } from '../../protocol/segment.ts'
import { type Finding, type Misconception, MISCONCEPTIONS } from '../../protocol/findings.ts'
import type { State } from '../../protocol/tcp/tcb.ts'
import type { MessageChoice } from '../../protocol/tls/endpoint/endpoint.ts'
import type { EngineAction, MessageDraft, SeatAction } from '../../protocol/round/model/action.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import { isConditionMet, openMilestone } from '../../protocol/round/fold/progress.ts'
import { type Condition, type Exercise, type Level, LEVELS } from '../../protocol/round/model/exercise.ts'
import { UPPER_LAYER_MESSAGES } from '../../protocol/round/model/upper-layer-messages.ts'
import { judgeAction } from '../../protocol/round/rules/judge.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { notationOf } from '../../protocol/round/fold/current-scene.ts'
import { mistakes } from '../support/mistake-generator.ts'
import { RoundFixture } from '../support/round-fixture.ts'

/** With TCP on autopilot there are fewer mistakes to make, and none that cannot be made by hand. */
const BY_HAND = { tcp: 'by-hand' } as const

const directory = join(import.meta.dirname, '../scenarios/exercises')

const fileOf = ({ id }: Exercise): string => join(directory, `${id}.txt`)
const exercises = loadExercises('exercises')
/** An exercise that is not published yet may lack its file of conversations. */
const ready = exercises.all().filter((exercise) => exercises.published().includes(exercise) || existsSync(fileOf(exercise)))

describe.each(ready)('$id', (exercise) => {
  const file = fileOf(exercise)
  const conversations = existsSync(file) ? readFileSync(file, 'utf8').split(/^---$/m).map(read) : []

  test.each(conversations.map((each) => [each.title, each] as const))('%s', (_, conversation) => {
    const { settings, seat, milestone, kind, deed, words, misconception, outcome } = conversation
    const before = conditions(settings)
    const fixture = begin(exercise, settings).play(
      (world) =>
        openAt(world, seat) === milestone &&
        nextEngineAction(world, seat).kind === kind &&
        before.every((condition) => isConditionMet(world, condition, seat)),
    )
    expect(fixture.world.over, `the ${seat} never comes to ${milestone}, a ${kind} being due`).toBeNull()
    const { verdict } = fixture.act(seat, acted(fixture, seat, deed, words))
    expect(verdict).toMatchObject({ outcome, findings: [{ misconception: misconception === '-' ? null : misconception }] })
    expect(verdict.findings).toHaveLength(1)
    expect(fixture.play().world.over).toBe('goal')
  })

  test('has a conversation for each misconception that a slip can show', () => {
    const named = new Set(conversations.map(({ misconception }) => misconception))
    const missing = Object.entries(shown(exercise)).filter(([name]) => !named.has(name))
    expect(missing.map(([, line]) => line)).toEqual([])
  })
})

type Settings = ReadonlyMap<string, string>

interface Conversation {
  readonly title: string
  readonly settings: Settings
  readonly seat: Seat
  readonly milestone: string
  /** The kind of action that is due when the student makes the mistake. */
  readonly kind: EngineAction['kind']
  readonly deed: string
  readonly words: string
  readonly outcome: 'refused' | 'accepted'
  readonly misconception: string
}

const KINDS: { readonly [deed: string]: EngineAction['kind'] } = {
  sends: 'send',
  claims: 'claim',
  discards: 'send',
  writes: 'write',
}
const MISTAKE = /^(client|server) at ([a-z0-9-]+)(?:\/([a-z]+))? ([a-z]+)(.*?) *(!!|\?\?) *([a-z0-9-]+)$/

function read(text: string): Conversation {
  const lines = text.trim().split('\n')
  const title = lines.find((line) => line.startsWith('#'))?.slice(1)
  const [mistake = '', ...before] = lines
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter(Boolean)
    .reverse()
  const [, seat, milestone = '', kind, deed = '', words = '', mark, misconception = ''] = MISTAKE.exec(mistake) ?? []
  if (title === undefined || seat === undefined) throw new Error(`no title, or no mistake: ${text}`)
  if (misconception !== '-' && !MISCONCEPTIONS.includes(misconception as Misconception))
    throw new Error(`no such misconception: ${mistake}`)
  return {
    title: title.trim(),
    settings: new Map(before.map((line) => /^(\S+) (.*)$/.exec(line)!.slice(1) as [string, string])),
    seat: seat as Seat,
    milestone,
    kind: (kind as EngineAction['kind'] | undefined) ?? KINDS[deed] ?? 'send',
    deed,
    words: words.trim(),
    outcome: mark === '!!' ? 'refused' : 'accepted',
    misconception,
  }
}

/** The conditions that must be met before the mistake. */
function conditions(settings: Settings): readonly Condition[] {
  const [sort, times = '1'] = settings.get('arrived')?.split(' ') ?? []
  const arrived = SEGMENT_KINDS.find((each) => each === sort)
  const wrote = UPPER_LAYER_MESSAGES.find((each) => each === settings.get('wrote'))
  return [...(arrived ? [{ arrived, times: Number(times) }] : []), ...(wrote ? [{ wrote }] : [])]
}

function begin(exercise: Exercise, settings: Settings): RoundFixture {
  const lengths = fields(settings.get('lengths')?.split(' ') ?? [])
  const family = exercise.scenes.find(({ id }) => id === settings.get('scene'))?.family
  const scenes = exercise.scenes
    .filter(({ id, family: other }) => family === undefined || other !== family || id === settings.get('scene'))
    .map((scene) => {
      const drawn = Object.entries(scene.lengths ?? {}).map(([name, length]) => {
        const octets = Number(lengths.get(name))
        return [name, octets ? { min: octets, max: octets } : length] as const
      })
      return { ...scene, lengths: Object.fromEntries(drawn) }
    })
  const level = LEVELS.find((each) => each === settings.get('level')) ?? 'guided'
  return new RoundFixture({ ...exercise, scenes }, level satisfies Level, seededRandom(Number(settings.get('seed') ?? 1)), BY_HAND)
}

function acted(fixture: RoundFixture, seat: Seat, deed: string, text: string): SeatAction {
  const words = text.split(/\s+/)
  const event = fixture.views[seat].at(-1)?.now.events.at(-1) ?? 0
  switch (deed) {
    case 'sends': {
      const given = fields(words)
      const number = (field: 'seq' | 'ack') => written(fixture, seat, field, given.get(field))
      const length = Number(given.get('data') ?? 0)
      const segment = { bits: bitsOf(named(words[0])), seq: number('seq'), ack: number('ack'), length }
      return { kind: 'send', segment, state: stateOf(words[words.indexOf('=>') + 1]) }
    }
    case 'claims':
      return { kind: 'claim', event, state: stateOf(words[0]) }
    case 'discards':
      return { kind: 'discard', event }
    case 'writes':
      return { kind: 'write', message: composed(JSON.parse(text) as string | MessageChoice) }
    default:
      throw new Error(`nobody ${deed}`)
  }
}

const composed = (written: string | MessageChoice): MessageDraft =>
  typeof written === 'string' ? { kind: 'http', text: written } : { kind: 'tls', choice: written }

/**
 * A number as a person would type it. Conversations write numbers with the exercise's names, which a graded round does not have.
 */
function written(fixture: RoundFixture, seat: Seat, field: 'seq' | 'ack', text = ''): string {
  const notation = notationOf(fixture.world)
  const value = notation.kind === 'textbook' ? null : parseNumber(text, { ...notation, kind: 'textbook' }, field, seat)
  return value === null ? text : formatNumber(value, notation, field, seat)
}

const fields = (words: readonly string[]): ReadonlyMap<string, string> =>
  new Map(words.filter((word) => /^\w+=/.test(word)).map((word) => word.split('=') as [string, string]))

const named = (bits = '') =>
  bits.split(',').flatMap((name) => {
    const bit = CONTROL_BITS.find(([each]) => each === name)
    if (!bit && name !== 'none') throw new Error(`no such control bit: ${name}`)
    return bit ? [bit[0]] : []
  })

function stateOf(text = ''): State {
  const state = parseState(text)
  if (!state) throw new Error(`no such state: ${text}`)
  return state
}

const openAt = (world: World, seat: Seat): string => openMilestone(world.seats[seat])?.id ?? '-'

/**
 * The misconceptions that a single mistake on the way to the goal can show without other findings, each with one such mistake.
 */
function shown(exercise: Exercise): { readonly [M in Misconception]?: string } {
  const found: { [M in Misconception]?: string } = {}
  new RoundFixture(exercise, 'guided', seededRandom(1), BY_HAND).play((world) => {
    for (const seat of SEATS)
      for (const action of mistakes(world, seat)) {
        // Wrong choices are tested one by one in questions.test.ts.
        if (action.kind === 'answer') continue
        const { verdict } = judgeAction(world, { actor: seat, action, seen: null }, { worldAsSeen: () => world, tls: TLS_TOOLS })
        const [only, ...others] = verdict.findings
        if (only?.misconception && others.length === 0) found[only.misconception] ??= toLine(world, seat, action, only)
      }
    return false
  })
  return found
}

/** A mistake as a line of a conversation. */
function toLine(world: World, seat: Seat, action: SeatAction, { kind, misconception }: Finding): string {
  const due = nextEngineAction(world, seat).kind
  const [deed, words] = (() => {
    switch (action.kind) {
      case 'send': {
        const { bits, seq, ack, length } = action.segment
        const fields = [`seq=${seq}`, ...(ack ? [`ack=${ack}`] : []), ...(length ? [`data=${length}`] : [])]
        return ['sends', ` ${bitNames(bits) || 'none'} ${fields.join(' ')} => ${action.state}`]
      }
      case 'claim':
        return ['claims', ` ${action.state}`]
      case 'write':
        return ['writes', ` ${JSON.stringify(action.message.kind === 'http' ? action.message.text : action.message.choice)}`]
      default:
        return [`${action.kind}s`, '']
    }
  })()
  const at = `${openAt(world, seat)}${KINDS[deed] === due ? '' : `/${due}`}`
  return `${seat} at ${at} ${deed}${words} ${kind === 'refusal' ? '!!' : '??'} ${misconception}`
}
