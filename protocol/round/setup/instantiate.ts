/** Instantiates an exercise for one round: chooses one scene of each family, and draws sequence numbers and lengths at random. */
import type { RandomSource } from './random.ts'
import type { UserCall } from '../../tcp/user-calls.ts'
import { peerOf, SEATS, type Seat } from '../../seat.ts'
import { parseNumber } from '../../notation.ts'
import { add } from '../../seq.ts'
import { bitsOf } from '../../segment.ts'
import { NAMED_GROUPS } from '../../tls/format/crypto.ts'
import { findSuiteByName } from '../../tls/format/suites.ts'
import {
  DEFAULT_ATTEMPTS,
  type LengthRange,
  type Exercise,
  groupByFamily,
  type Injection,
  type Level,
  type PoolQuestion,
  type Question,
  type Scene,
  type UserCallTemplate,
  scoredStepsOf,
  toScoredStep,
  DEFAULT_TIMES_MS,
  type Tls,
  type TlsSide,
  type HttpContent,
} from '../model/exercise.ts'
import { UPPER_LAYER_MESSAGES } from '../model/upper-layer-messages.ts'
import { DRAWN_STYLES } from '../model/partner-styles.ts'
import type {
  ScriptInjection,
  ScriptQuestion,
  ScriptTls,
  ScriptTlsSide,
  ScriptHttp,
  Partner,
  ScriptScene,
  Script,
} from '../model/script.ts'

export interface InstantiateOptions {
  /** The script of an earlier round. Of each family another scene is chosen than in it, if there is one. */
  readonly unlike?: Script
  readonly players?: Script['players']
  readonly partner?: Partial<Partner>
  readonly network?: boolean
  readonly simulated?: Script['simulated']
  /** TCP is played by hand even if the exercise has it on autopilot. */
  readonly tcp?: 'by-hand'
  /**
   * Closing questions are answered alone and, once the pair has talked about them, again. All pairs then get the same question of a pool, as far
   * as their players have not had it. Only where two people play, and in no exam.
   */
  readonly discussed?: boolean
  /** Ids of the closing questions that the seat's player has been asked in earlier rounds of this exercise, once for each time. */
  readonly asked?: { readonly [S in Seat]?: readonly string[] }
  /** An earlier round of the same pair, used as the earlier incarnation: its client's ISS, and when it was played (ISO 8601). */
  readonly earlierRound?: { readonly iss: number; readonly at: string }
}

/**
 * Instantiates an exercise for one round. Graded rounds (`exam`) use absolute numbers, regardless of the exercise's notation. Throws if the
 * exercise refers to an undefined name, length or cipher suite.
 */
export function instantiateExercise(
  exercise: Exercise,
  level: Level,
  random: RandomSource,
  options: InstantiateOptions = {},
): Script {
  const { unlike, players = { client: 'person', server: 'person' }, network = false, earlierRound, asked = {} } = options
  const autopilot = exercise.tcp === 'autopilot' && options.tcp !== 'by-hand'
  const chosenScenes = groupByFamily(exercise).map((family, i) => {
    const fresh = family.filter(({ id }) => id !== unlike?.scenes[i]?.id)
    const choice = fresh.length > 0 ? fresh : family
    const chosen = pickOne(choice, random)
    if (!chosen) throw new Error(`exercise ${exercise.id}: a family without scenes`)
    const scene = instantiateScene(chosen, random, earlierRound?.iss)
    return autopilot ? withoutAutopilotSteps(scene) : scene
  })
  const discussed = options.discussed === true && level !== 'exam' && SEATS.every((seat) => players[seat] === 'person')
  const closing = (seat: Seat) =>
    drawFromPool(exercise, seat, chosenScenes, asked[seat] ?? [], random, discussed).map((question) =>
      discussed ? { ...question, discussed } : question,
    )
  const helped = options.partner?.leaves !== undefined
  const scenes = withClosingQuestions(
    helped ? chosenScenes.map((scene) => ({ ...scene, uncounted: true as const })) : chosenScenes,
    { client: closing('client'), server: closing('server') },
  )
  return {
    exercise: exercise.id,
    version: exercise.version,
    level,
    attempts: exercise.attempts ?? DEFAULT_ATTEMPTS[level],
    notation: level === 'exam' ? 'absolute' : exercise.notation,
    ...(autopilot ? { tcp: 'autopilot' } : {}),
    scenes,
    players,
    seed: randomInteger(ALL_SEQUENCE_NUMBERS, random),
    partner: {
      style: DRAWN_STYLES[randomInteger({ min: 0, max: DRAWN_STYLES.length - 1 }, random)]!,
      pace: 'human',
      ...options.partner,
    },
    network,
    ...(options.simulated ? { simulated: options.simulated } : {}),
    ...(earlierRound ? { own: earlierRound.at } : {}),
  }
}

/** The scene without the milestones that no student's act could meet, since hosts on autopilot or the exercise's applications do. */
function withoutAutopilotSteps(scene: ScriptScene): ScriptScene {
  const stepsLeft = (seat: Seat) => {
    const unasked: readonly string[] = [
      ...(scene.tls?.autopilot ?? []),
      ...scene.application[seat].flatMap(({ by, write }) => (by === 'exercise' && write ? [write] : [])),
    ]
    const isSaid = (name: string) => UPPER_LAYER_MESSAGES.some((message) => message === name) && !unasked.includes(name)
    return scene.milestones[seat].filter(
      ({ deed }) =>
        'chooses' in deed ||
        'calls' in deed ||
        ('writes' in deed && isSaid(deed.writes)) ||
        ('sends' in deed && isSaid(deed.sends)),
    )
  }
  return { ...scene, milestones: { client: stepsLeft('client'), server: stepsLeft('server') } }
}

/**
 * Chooses a question of a seat's pool among those that its player has been asked least often: at random, or the first one (`takesFirst`). None
 * if there is no pool.
 */
function drawFromPool(
  { pool }: Exercise,
  seat: Seat,
  scenes: readonly ScriptScene[],
  asked: readonly string[],
  random: RandomSource,
  takesFirst: boolean,
): ScriptQuestion[] {
  const fitting = (pool?.[seat] ?? []).filter((question) => question.scenes?.some((id) => scenes.some((s) => s.id === id)) ?? true)
  const times = fitting.map((question) => asked.filter((id) => id === question.id).length)
  const fresh = fitting.filter((_, i) => times[i] === Math.min(...times))
  const drawn = takesFirst ? fresh[0] : pickOne(fresh, random)
  return drawn ? [instantiateQuestion(drawn, random)] : []
}

/** The scenes with closing questions in the last one, each as a scored step that opens at the goal. */
function withClosingQuestions(
  scenes: readonly ScriptScene[],
  closing: { readonly [S in Seat]: readonly ScriptQuestion[] },
): readonly ScriptScene[] {
  const last = scenes.at(-1)
  if (!last) return scenes
  const bySeat = <T>(of: (seat: Seat) => T) => ({ client: of('client'), server: of('server') })
  return [
    ...scenes.slice(0, -1),
    {
      ...last,
      milestones: bySeat((seat) => [...last.milestones[seat], ...closing[seat].map(toScoredStep)]),
      questions: bySeat((seat) => [...last.questions[seat], ...closing[seat]]),
    },
  ]
}

function instantiateQuestion({ id, rule, ordered, choices }: Question | PoolQuestion, random: RandomSource): ScriptQuestion {
  const order = choices.map((_, i) => ({ i, at: ordered ? i : random() })).sort((a, b) => a.at - b.at)
  return {
    id,
    ...(rule === undefined ? {} : { rule }),
    order: order.map(({ i }) => i),
    right: choices.findIndex(({ right }) => right),
    misconceptions: choices.map(({ misconception }) => misconception ?? null),
  }
}

const ALL_SEQUENCE_NUMBERS: LengthRange = { min: 0, max: 2 ** 32 - 1 }

/** A random element. Consumes no random number if there are fewer than two. */
const pickOne = <T>(choice: readonly T[], random: RandomSource): T | undefined =>
  choice.length > 1 ? choice[randomInteger({ min: 0, max: choice.length - 1 }, random)] : choice[0]

/** Distance from an earlier incarnation's ISS to this one's: always more than a window (RFC 9293 3.4.1). */
const EARLIER_ISS_DISTANCE: LengthRange = { min: 2 ** 17, max: 2 ** 31 }

const randomInteger = ({ min, max }: LengthRange, random: RandomSource): number => min + Math.floor(random() * (max - min + 1))

function instantiateScene(scene: Scene, random: RandomSource, own: number | undefined): ScriptScene {
  const bySeat = <T>(of: (seat: Seat) => T) => ({ client: of('client'), server: of('server') })
  const iss = bySeat((seat) => randomInteger(scene.iss?.[seat] ?? ALL_SEQUENCE_NUMBERS, random))
  const lengths = new Map(Object.entries(scene.lengths ?? {}).map(([name, length]) => [name, randomInteger(length, random)]))
  const remembered = Object.values(scene.names).some(({ is }) => is === 'earlier') || SEATS.some((s) => scene.opening[s].with)
  const drawn = remembered
    ? {
        ...bySeat((seat) => add(iss[seat], -randomInteger(EARLIER_ISS_DISTANCE, random))),
        ...(own === undefined ? {} : { client: own }),
      }
    : iss
  const earlier = bySeat((seat) => {
    const before = Object.values(scene.names).find((name) => name.of === seat && name.before !== undefined)?.before
    return before === undefined ? drawn[seat] : add(iss[seat], -before)
  })
  const names = Object.fromEntries(
    Object.entries(scene.names).map(([name, { of, is }]) => {
      const { state, sent = 0, with: incarnation } = scene.opening[of]
      const first = incarnation === 'earlier' ? earlier[of] : iss[of]
      const next = state === 'ESTABLISHED' ? add(first, 1 + sent) : first
      const value =
        is === 'stranger' ? randomInteger(ALL_SEQUENCE_NUMBERS, random) : { iss: iss[of], next, earlier: earlier[of] }[is]
      return [name, { of, value }]
    }),
  )
  const call = (scripted: UserCallTemplate): UserCall => {
    if (scripted.call !== 'SEND') return scripted
    const octets = typeof scripted.octets === 'number' ? scripted.octets : lengths.get(scripted.octets)
    if (octets === undefined) throw new Error(`scene ${scene.id}: no length named ${scripted.octets}`)
    return { call: 'SEND', octets }
  }
  const injection = ({ segment, ...injected }: Injection): ScriptInjection => {
    const number = (text: string, field: 'seq' | 'ack') => {
      const value = parseNumber(text, { kind: 'textbook', names, iss }, field, peerOf(injected.to))
      if (value === null) throw new Error(`scene ${scene.id}: ${text} is no number in its names`)
      return value
    }
    const { flags, seq, ack, length = 0 } = segment
    const drawn = { bits: bitsOf(flags), seq: number(seq, 'seq'), ack: ack === undefined ? null : number(ack, 'ack'), length }
    return { ...injected, segment: { ...drawn, window: INJECTED_WINDOW_OCTETS } }
  }
  const web = ({ pages, ...rest }: HttpContent): ScriptHttp => {
    const page = pickOne(pages, random)
    if (!page) throw new Error(`scene ${scene.id}: its server has no page`)
    return { ...rest, page }
  }
  const side = ({ versions, suites, groups = NAMED_GROUPS, shows = [], asks }: TlsSide): ScriptTlsSide => ({
    versions,
    suites: suites.map(suiteNumberOf),
    groups,
    shows: pickOne(shows, random) ?? null,
    ...(asks ? { asksForCertificate: true } : {}),
  })
  const secure = ({ name, rules = 'tls', client, server, autopilot, eavesdropper, interceptor }: Tls): ScriptTls => ({
    name,
    rules,
    ...(autopilot ? { autopilot } : {}),
    ...(eavesdropper ? { eavesdropper } : {}),
    ...(interceptor ? { interceptor } : {}),
    client: side(client),
    server: side(server),
    seed: Array.from({ length: 8 }, () => randomInteger(ALL_SEQUENCE_NUMBERS, random).toString(16).padStart(8, '0')).join(''),
  })
  const { id, opening, reads, backlog, wire, goal, free, network, http, tls } = scene
  return {
    id,
    opening,
    goal,
    ...(reads ? { reads } : {}),
    ...(backlog === undefined ? {} : { backlog }),
    ...(wire ? { wire } : {}),
    ...(free ? { free, uncounted: true } : {}),
    rules: scene.rules ?? 'rfc-9293',
    names,
    iss,
    earlier,
    times: { ...DEFAULT_TIMES_MS, ...scene.times },
    application: bySeat((seat) =>
      scene.application[seat].map(({ call: scripted, ...step }) => (scripted ? { ...step, call: call(scripted) } : step)),
    ),
    ...(http ? { http: web(http) } : {}),
    ...(tls ? { tls: secure(tls) } : {}),
    injections: (scene.injections ?? []).map(injection),
    ...(network ? { network: { may: network.may, injections: (network.injections ?? []).map(injection) } } : {}),
    milestones: bySeat((seat) => scoredStepsOf(scene, seat)),
    questions: bySeat((seat) => (scene.questions?.[seat] ?? []).map((question) => instantiateQuestion(question, random))),
  }
}

function suiteNumberOf(name: string): number {
  const suite = findSuiteByName(name)
  if (!suite) throw new Error(`there is no suite ${name}`)
  return suite.number
}

/** Window of an injected segment, in octets. */
const INJECTED_WINDOW_OCTETS = 65_535
