/** Draws what one round plays of an exercise: every round has its own numbers and lengths, and one of each family. */
import { parseNumber } from '../notation.ts'
import { add } from '../seq.ts'
import { bitsOf } from '../segment.ts'
import { GROUPS } from '../tls/crypto.ts'
import { suiteNamed } from '../tls/suites.ts'
import {
  type Call,
  type DrawnLength,
  type Exercise,
  families,
  type Injection,
  type Level,
  peerOf,
  type Question,
  SEATS,
  type Scene as Told,
  type ScriptedCall,
  type Seat,
  stepsOf,
  TIMES,
  type Tls,
  type TlsSide,
  type Web,
} from './exercise.ts'
import { STYLES } from './styles.ts'
import type { DrawnInjection, DrawnQuestion, DrawnTls, DrawnTlsSide, DrawnWeb, Partner, Scene, Script } from './script.ts'

/** Numbers in [0, 1); the same ones give the same script. */
export type Random = () => number

export interface Wishes {
  /** Plays another one of each family than this round did. */
  readonly unlike?: Script
  readonly players?: Script['players']
  readonly partner?: Partial<Partner>
  readonly network?: boolean
  /** A handshake of this pair's own: its client's initial sequence number, and when it was played (ISO 8601). */
  readonly own?: { readonly iss: number; readonly at: string }
}

/** An exercise as one round plays it. Graded rounds (`exam`) use absolute numbers, whatever the exercise says. */
export function drawScript(exercise: Exercise, level: Level, random: Random, wishes: Wishes = {}): Script {
  const { unlike, players = { client: 'person', server: 'person' }, network = false, own } = wishes
  const scenes = families(exercise).map((family, i) => {
    const fresh = family.filter(({ id }) => id !== unlike?.scenes[i]?.id)
    const choice = fresh.length > 0 ? fresh : family
    const chosen = oneOf(choice, random)
    if (!chosen) throw new Error(`exercise ${exercise.id}: a family without scenes`)
    return drawScene(chosen, random, own?.iss)
  })
  return {
    exercise: exercise.id,
    version: exercise.version,
    level,
    notation: level === 'exam' ? 'absolute' : exercise.notation,
    scenes,
    players,
    seed: between(ALL, random),
    partner: { style: STYLES[between({ min: 0, max: STYLES.length - 1 }, random)]!, pace: 'human', ...wishes.partner },
    network,
    ...(own ? { own: own.at } : {}),
  }
}

const ALL: DrawnLength = { min: 0, max: 2 ** 32 - 1 }

/** One of them; nothing is drawn where there is no choice. */
const oneOf = <T>(choice: readonly T[], random: Random): T | undefined =>
  choice.length > 1 ? choice[between({ min: 0, max: choice.length - 1 }, random)] : choice[0]

/** By how much an earlier incarnation's initial number lies before this one's: by more than a window at least (RFC 9293 3.4.1). */
const BEFORE: DrawnLength = { min: 2 ** 17, max: 2 ** 31 }

const between = ({ min, max }: DrawnLength, random: Random): number => min + Math.floor(random() * (max - min + 1))

function drawScene(scene: Told, random: Random, own: number | undefined): Scene {
  const bySeat = <T>(of: (seat: Seat) => T) => ({ client: of('client'), server: of('server') })
  const iss = bySeat((seat) => between(scene.iss?.[seat] ?? ALL, random))
  const lengths = new Map(Object.entries(scene.lengths ?? {}).map(([name, length]) => [name, between(length, random)]))
  const remembered = Object.values(scene.names).some(({ is }) => is === 'earlier') || SEATS.some((s) => scene.opening[s].with)
  const drawn = remembered
    ? { ...bySeat((seat) => add(iss[seat], -between(BEFORE, random))), ...(own === undefined ? {} : { client: own }) }
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
      const value = is === 'stranger' ? between(ALL, random) : { iss: iss[of], next, earlier: earlier[of] }[is]
      return [name, { of, value }]
    }),
  )
  const call = (scripted: ScriptedCall): Call => {
    if (scripted.call !== 'SEND') return scripted
    const octets = typeof scripted.octets === 'number' ? scripted.octets : lengths.get(scripted.octets)
    if (octets === undefined) throw new Error(`scene ${scene.id}: no length named ${scripted.octets}`)
    return { call: 'SEND', octets }
  }
  const injection = ({ segment, ...injected }: Injection): DrawnInjection => {
    const number = (text: string, field: 'seq' | 'ack') => {
      const value = parseNumber(text, { kind: 'textbook', names, iss }, field, peerOf(injected.to))
      if (value === null) throw new Error(`scene ${scene.id}: ${text} is no number in its names`)
      return value
    }
    const { flags, seq, ack, length = 0 } = segment
    const drawn = { bits: bitsOf(flags), seq: number(seq, 'seq'), ack: ack === undefined ? null : number(ack, 'ack'), length }
    return { ...injected, segment: { ...drawn, window: WINDOW } }
  }
  const question = ({ id, rule, ordered, choices }: Question): DrawnQuestion => {
    const order = choices.map((_, i) => ({ i, at: ordered ? i : random() })).sort((a, b) => a.at - b.at)
    return {
      id,
      ...(rule === undefined ? {} : { rule }),
      order: order.map(({ i }) => i),
      right: choices.findIndex(({ right }) => right),
      misconceptions: choices.map(({ misconception }) => misconception ?? null),
    }
  }
  const web = ({ pages, ...rest }: Web): DrawnWeb => {
    const page = oneOf(pages, random)
    if (!page) throw new Error(`scene ${scene.id}: its server has no page`)
    return { ...rest, page }
  }
  const side = ({ versions, suites, groups = GROUPS, shows = [], asks }: TlsSide): DrawnTlsSide => ({
    versions,
    suites: suites.map(suiteNumber),
    groups,
    shows: oneOf(shows, random) ?? null,
    ...(asks ? { asksForCertificate: true } : {}),
  })
  const secure = ({ name, rules = 'tls', client, server, eavesdropper }: Tls): DrawnTls => ({
    name,
    rules,
    ...(eavesdropper ? { eavesdropper } : {}),
    client: side(client),
    server: side(server),
    seed: Array.from({ length: 8 }, () => between(ALL, random).toString(16).padStart(8, '0')).join(''),
  })
  const { id, opening, reads, backlog, wire, goal, free, network, http, tls } = scene
  return {
    id,
    opening,
    goal,
    ...(reads ? { reads } : {}),
    ...(backlog === undefined ? {} : { backlog }),
    ...(wire ? { wire } : {}),
    ...(free ? { free } : {}),
    rules: scene.rules ?? 'rfc-9293',
    names,
    iss,
    earlier,
    times: { ...TIMES, ...scene.times },
    application: bySeat((seat) =>
      scene.application[seat].map(({ call: scripted, ...step }) => (scripted ? { ...step, call: call(scripted) } : step)),
    ),
    ...(http ? { http: web(http) } : {}),
    ...(tls ? { tls: secure(tls) } : {}),
    injections: (scene.injections ?? []).map(injection),
    ...(network ? { network: { may: network.may, injections: (network.injections ?? []).map(injection) } } : {}),
    milestones: bySeat((seat) => stepsOf(scene, seat)),
    questions: bySeat((seat) => (scene.questions?.[seat] ?? []).map(question)),
  }
}

function suiteNumber(name: string): number {
  const suite = suiteNamed(name)
  if (!suite) throw new Error(`there is no suite ${name}`)
  return suite.number
}

/** Of an injected segment, in octets. */
const WINDOW = 65_535
