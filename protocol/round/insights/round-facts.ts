/**
 * The facts of one round for the teacher: which mistakes were made, what was right at the first try, what was lost and where. Read from the
 * effects in the log alone, without folding worlds, so that the rounds of a whole class cost little. Scenes that count in no score are left
 * out, as they are from the scores.
 */
import { mistakeOf, type FindingField, type Mistake } from '../../findings.ts'
import type { Segment } from '../../segment.ts'
import { SEATS, type Seat } from '../../seat.ts'
import { comparePrediction } from '../fold/prediction.ts'
import { computeScore, isCounted, worthEighths, type Score } from '../fold/score.ts'
import type { Effect, MilestoneStatus } from '../model/effect.ts'
import type { Entry } from '../model/entry.ts'
import type { Player, Script } from '../model/script.ts'
import type { MilestoneRecord, Prediction, World } from '../model/world.ts'

/** A mistake in an act of the seat's person. An act with several wrong fields is several mistakes. */
export interface MistakeFact {
  /** Index of the entry. */
  readonly entry: number
  readonly mistake: Mistake
  /** Which try of its step it was, from 1. */
  readonly attempt: number
  /** The milestone that it was charged to, or else the oldest open one; null if none was open. */
  readonly milestone: string | null
}

export interface MilestoneFact {
  readonly scene: string
  readonly id: string
  readonly status: MilestoneStatus
  /** Who met it or lost it: the seat's person, the invigilator after the last try, or the built-in partner in their absence. */
  readonly by: 'self' | 'invigilator' | 'stand-in' | null
  /** The person met it, no refusal was charged to it, and no hint was bought for it. */
  readonly firstTry: boolean
}

/** A question that the person has answered. */
export interface AnswerFact {
  readonly scene: string
  readonly question: string
  /** Index of the entry with the first choice. */
  readonly entry: number
  /** The first choice, as its index in the exercise's file. */
  readonly choice: number
  readonly right: boolean
  /** The choice after the pair has talked about it; null if there was none. */
  readonly again: number | null
}

/** Eighths of a point that were lost at one step, and why. */
export interface LossFact {
  readonly entry: number
  readonly milestone: string
  readonly eighths: number
  /** A mistake, a rung of the hint, or the milestone was given up. */
  readonly why: { readonly mistake: Mistake } | { readonly rung: 1 | 2 | 3 } | null
}

export interface SeatFacts {
  /** A person plays the seat, or has played it. */
  readonly isPerson: boolean
  readonly score: Score
  readonly mistakes: readonly MistakeFact[]
  /** Without questions. */
  readonly milestones: readonly MilestoneFact[]
  readonly answers: readonly AnswerFact[]
  readonly losses: readonly LossFact[]
  /** The segments that the person predicted and that another one has answered: each with the fields in which that one differed. */
  readonly predictions: readonly (readonly FindingField[])[]
  /** The rungs of hints that were bought. */
  readonly hints: number
  /** How often the system had to let the clock run because the person did nothing. */
  readonly idled: number
  /** Real ms from the moment when the seat could act to its first accepted segment or message, without pauses; null before that. */
  readonly firstSegmentMs: number | null
}

export interface RoundFacts {
  readonly exercise: string
  readonly entryCount: number
  readonly over: World['over']
  readonly seats: { readonly [S in Seat]: SeatFacts }
}

/**
 * Reads the facts of a round from its whole log so far. Null before its first entry. `forgiven`: indices of entries whose refusals and hints
 * are to cost nothing.
 */
export function readRoundFacts(entries: readonly Entry[], forgiven: ReadonlySet<number> = NOTHING): RoundFacts | null {
  const begun = entries[0]?.effects.find((effect) => effect.kind === 'begun')
  if (!begun) return null
  const { script } = begun
  const readers = { client: new SeatReader(script, 'client', forgiven), server: new SeatReader(script, 'server', forgiven) }
  let over: World['over'] = null
  for (const entry of entries) {
    for (const seat of SEATS) readers[seat].read(entry)
    for (const effect of entry.effects) if (effect.kind === 'over') over = effect.why
  }
  const seats = { client: { milestones: readers.client.records }, server: { milestones: readers.server.records } }
  const factsOf = (seat: Seat) => readers[seat].finish(computeScore({ script, seats }, seat))
  return {
    exercise: script.exercise,
    entryCount: entries.length,
    over,
    seats: { client: factsOf('client'), server: factsOf('server') },
  }
}

const NOTHING: ReadonlySet<number> = new Set()

type Draft<T> = { -readonly [F in keyof T]: T[F] }

/** Collects the facts of one seat, entry by entry. */
class SeatReader {
  readonly records: Draft<MilestoneRecord>[] = []
  readonly #seat: Seat
  readonly #script: Script
  readonly #forgiven: ReadonlySet<number>
  /** The person's milestones by id, questions included. */
  readonly #milestones = new Map<string, { readonly record: Draft<MilestoneRecord>; readonly fact: Draft<MilestoneFact> }>()
  readonly #questions: ReadonlySet<string>
  readonly #mistakes: MistakeFact[] = []
  readonly #answers: Draft<AnswerFact>[] = []
  readonly #losses: LossFact[] = []
  readonly #predictions: (readonly FindingField[])[] = []
  #prediction: Prediction | null = null
  /** The segments on the wire by id, for what arrives. */
  readonly #segments = new Map<number, Segment>()
  #hints = 0
  #idled = 0
  #firstSegmentMs: number | null = null
  #player: Player
  #isPerson: boolean
  #scene = 0
  /** Refused tries at the current step. */
  #tries = 0
  /** Real ms since 1970: when the seat could first act, moved on by the length of each pause. */
  #turnSince = 0
  #pausedSince = 0
  /** The time of the entry that is being read. */
  #now = 0

  constructor(script: Script, seat: Seat, forgiven: ReadonlySet<number>) {
    this.#script = script
    this.#forgiven = forgiven
    this.#seat = seat
    this.#player = script.players[seat]
    this.#isPerson = this.#player === 'person'
    this.#questions = new Set(script.scenes.flatMap(({ questions }) => questions[seat].map(({ id }) => id)))
    for (const scene of script.scenes)
      for (const { id } of scene.milestones[seat]) {
        const record = { id, status: 'shut' as const, charged: 0, hints: 0 }
        this.records.push(record)
        if (isCounted(scene))
          this.#milestones.set(id, { record, fact: { scene: scene.id, id, status: 'shut', by: null, firstTry: false } })
      }
  }

  read(entry: Entry): void {
    this.#now = Date.parse(entry.at)
    if (this.#player === 'person' && this.#isSceneCounted) {
      const { actor, action, verdict } = entry
      if (actor === this.#seat) this.#readOwnAct(entry)
      const isIdle = action.kind === 'control' && action.control === 'idle' && action.seat === this.#seat
      if (isIdle && verdict.outcome === 'accepted') this.#idled++
    }
    let playedBy: NonNullable<MilestoneFact['by']> = this.#player === 'person' ? 'self' : 'stand-in'
    for (const effect of entry.effects) {
      if (effect.kind === 'invigilated' && effect.seat === this.#seat) playedBy = 'invigilator'
      this.#readEffect(effect, entry, playedBy)
    }
  }

  finish(score: Score): SeatFacts {
    const steps = [...this.#milestones.values()].filter(({ fact }) => !this.#questions.has(fact.id))
    return {
      isPerson: this.#isPerson,
      score,
      mistakes: this.#mistakes,
      milestones: steps.map(({ record: { status, charged, hints }, fact }) => {
        return { ...fact, status, firstTry: status === 'met' && fact.by === 'self' && charged === 0 && hints === 0 }
      }),
      answers: this.#answers,
      losses: this.#losses,
      predictions: this.#predictions,
      hints: this.#hints,
      idled: this.#idled,
      firstSegmentMs: this.#firstSegmentMs,
    }
  }

  get #isSceneCounted(): boolean {
    const scene = this.#script.scenes[this.#scene]
    return scene !== undefined && isCounted(scene)
  }

  #readOwnAct({ index, action, verdict, effects }: Entry): void {
    if (verdict.outcome === 'accepted') {
      if (action.kind === 'hint') this.#hints++
      if (action.kind === 'send' || action.kind === 'write') this.#firstSegmentMs ??= this.#now - this.#turnSince
    }
    if (verdict.outcome !== 'refused' || verdict.reason === 'same-again' || action.kind === 'answer') return
    const isTry = effects.some(({ kind }) => kind === 'tried' || kind === 'excused')
    // A refusal that was no try still shows a mistake if it has a name: whoever answers an ACK believes something.
    const shown = verdict.findings.filter(({ kind, misconception }) => kind === 'refusal' && (isTry || misconception !== null))
    const charged = effects.find((effect) => effect.kind === 'charged')?.milestone
    const milestone = charged ?? this.records.find(({ status }) => status === 'open')?.id ?? null
    for (const mistake of new Set(shown.map(mistakeOf)))
      this.#mistakes.push({ entry: index, mistake, attempt: this.#tries + 1, milestone })
  }

  #readEffect(effect: Effect, entry: Entry, playedBy: NonNullable<MilestoneFact['by']>): void {
    switch (effect.kind) {
      case 'begun':
        this.#turnSince = this.#now
        return
      case 'scene':
        this.#scene = effect.scene
        this.#prediction = null
        this.#tries = 0
        this.#turnSince = this.#now
        return
      case 'paused':
        this.#pausedSince = this.#now
        return
      case 'resumed':
        this.#turnSince += this.#now - this.#pausedSince
        return
      case 'left':
      case 'injected':
        this.#segments.set(effect.id, effect.segment)
        return
      case 'copied': {
        const segment = this.#segments.get(effect.of)
        if (segment) this.#segments.set(effect.id, segment)
        return
      }
      case 'arrived':
        if (effect.to !== this.#seat) return
        if (entry.actor !== this.#seat) this.#turnSince = this.#now
        return this.#settlePrediction(effect.id)
      default:
        if ('seat' in effect && effect.seat === this.#seat) this.#readOwnEffect(effect, entry, playedBy)
    }
  }

  #readOwnEffect(effect: Extract<Effect, { seat: Seat }>, entry: Entry, playedBy: NonNullable<MilestoneFact['by']>): void {
    switch (effect.kind) {
      case 'seated':
        this.#player = effect.player
        this.#isPerson ||= effect.player === 'person'
        return
      case 'due':
        if (entry.actor !== this.#seat) this.#turnSince = this.#now
        return
      case 'tried':
        this.#tries++
        return
      case 'done':
        this.#tries = 0
        return
      case 'milestone':
        return this.#settle(effect.milestone, effect.status, entry, playedBy)
      case 'charged': {
        if (this.#forgiven.has(entry.index)) return
        const record = this.#recordOf(effect.milestone)
        const before = worthEighths(record)
        record.charged += effect.eighths
        this.#lose(effect.milestone, before - worthEighths(record), entry)
        return
      }
      case 'hinted':
        this.#recordOf(effect.milestone).hints = Math.max(this.#recordOf(effect.milestone).hints, effect.rung)
        return
      case 'answered': {
        const { question, choice, right } = effect
        if (this.#answers.some((known) => known.question === question)) return
        return this.#readAnswer(question, choice, right, entry, playedBy)
      }
      case 'predicted':
        this.#prediction = effect
        return
      case 'voted': {
        const { question, choice } = effect
        const alone = this.#answers.find((known) => known.question === question)
        if (alone && playedBy === 'self') alone.again ??= choice
        if (alone) return
        const asked = this.#script.scenes[this.#scene]?.questions[this.#seat].find(({ id }) => id === question)
        return this.#readAnswer(question, choice, choice === asked?.right, entry, playedBy)
      }
      default:
    }
  }

  #settlePrediction(id: number): void {
    const segment = this.#segments.get(id)
    if (this.#prediction && segment && this.#isSceneCounted) this.#predictions.push(comparePrediction(this.#prediction, segment))
    this.#prediction = null
  }

  #readAnswer(question: string, choice: number, right: boolean, { index }: Entry, playedBy: MilestoneFact['by']): void {
    const scene = this.#script.scenes[this.#scene]
    if (!scene || playedBy !== 'self' || !this.#milestones.has(question)) return
    this.#answers.push({ scene: scene.id, question, entry: index, choice, right, again: null })
  }

  #settle(id: string, status: MilestoneStatus, entry: Entry, playedBy: NonNullable<MilestoneFact['by']>): void {
    const record = this.#recordOf(id)
    if (status === 'forfeited') this.#lose(id, worthEighths(record), entry)
    record.status = status
    const known = this.#milestones.get(id)
    if (known && status !== 'open' && status !== 'shut') known.fact.by = playedBy
  }

  #lose(milestone: string, eighths: number, { index, action, verdict, effects }: Entry): void {
    if (eighths === 0 || !this.#milestones.has(milestone)) return
    const rung = effects.find((effect) => effect.kind === 'hinted')?.rung
    const refused = verdict.outcome === 'refused' ? verdict.findings.find(({ kind }) => kind === 'refusal') : undefined
    // What a wrong choice was meant to show is the question's business.
    const mistake = action.kind === 'answer' ? 'answer' : refused && mistakeOf(refused)
    const why = rung !== undefined && action.kind === 'hint' ? { rung } : mistake ? { mistake } : null
    this.#losses.push({ entry: index, milestone, eighths, why })
  }

  #recordOf(id: string): Draft<MilestoneRecord> {
    const record = this.records.find((each) => each.id === id)
    if (!record) throw new Error(`${this.#script.exercise} has no milestone ${id}`)
    return record
  }
}
