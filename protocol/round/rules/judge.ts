/**
 * The judge: determines the verdict on an action and its effects in a world. It knows the rules, unlike the reducer, which only folds the
 * effects. Pure: the same world and action always give the same judgement.
 */
import type { Finding } from '../../findings.ts'
import type { Seat } from '../../seat.ts'
import { attemptsOf } from '../fold/progress.ts'
import { completeEntry } from '../fold/reducer.ts'
import type { Moment } from '../fold/timeline.ts'
import type { Action, Actor, SeatAction } from '../model/action.ts'
import type { Verdict } from '../model/verdict.ts'
import type { World } from '../model/world.ts'
import { chargedMilestone, isRefusedAgain, refusalCost } from './charges.ts'
import { advanceClock, canGoOn } from './clock.ts'
import { judgeControlAction } from './control-action.ts'
import { barAction, type PermittedDecision } from './decision.ts'
import { EffectRecorder } from './effect-recorder.ts'
import { evaluateSeatAction } from './evaluate-seat-action.ts'
import { givesUpMilestones } from './foresight.ts'
import { nextEngineAction } from './next-action.ts'
import { playForSeat } from './play-for-seat.ts'
import { runToQuiescence } from './quiescence.ts'
import type { TlsTools } from './tls-end.ts'
import { judgeWireAction } from './wire-action.ts'

export interface SubmittedAction {
  readonly actor: Actor
  readonly action: Action
  /** How many views the seat had received when it composed the action; null for teacher and system. */
  readonly seen: number | null
}

export interface JudgeTools {
  /** Returns the world at the view `seen`. Called only if an action is wrong in the current world. */
  readonly worldAsSeen: () => World
  /** Required for scenes with TLS. */
  readonly tls?: TlsTools | undefined
}

export interface Judgement {
  readonly verdict: Verdict
  readonly moments: readonly Moment[]
  /** The world after an entry with these effects, the same as folding it gives. Null if the round has not begun. */
  readonly after: World | null
}

/** How many useless acts in a row are accepted. The next one gets the verdict `idle`. */
const MAX_USELESS_ACTS = 5

/** More events of the clock than follow one act before a connection is given up; a bound for connections that probe forever. */
const MAX_CLOCK_EVENTS = 60

/** Judges an action. `world`: null before the round has begun. */
export function judgeAction(world: World | null, act: SubmittedAction, tools: JudgeTools): Judgement {
  const recorder = new EffectRecorder(world, tools.tls)
  const verdict = judgeInto(recorder, world, act, tools.worldAsSeen)
  const { moments } = recorder
  // On autopilot nobody requests a wait, so that one event of the clock may follow another.
  for (let events = 0; moments.length > 0 && events < MAX_CLOCK_EVENTS && advanceClock(recorder); events++)
    runToQuiescence(recorder)
  const hasBegun = world !== null || moments.length > 0
  const effects = moments.map(({ effect }) => effect)
  return { verdict, moments, after: hasBegun ? completeEntry(recorder.world, { ...act, effects }) : null }
}

/** Judges an action and records its effects. `world`: the world at which the recorder starts. */
function judgeInto(
  recorder: EffectRecorder,
  world: World | null,
  { actor, action, seen }: SubmittedAction,
  worldAsSeen: JudgeTools['worldAsSeen'],
): Verdict {
  if (action.kind === 'control') return judgeControlAction(recorder, world, actor, action)
  if (!world) return barAction('not-yours')
  if (world.over) return barAction('over')
  if (world.paused) return barAction('paused')
  if (action.kind === 'wire') return judgeWireAction(recorder, actor, action)
  if (actor !== 'client' && actor !== 'server') return barAction('not-yours')

  const decision = evaluateSeatAction(world, actor, action, recorder.tlsTools)
  switch (decision.kind) {
    case 'barred':
      return barAction(decision.reason)
    case 'allowed': {
      const endsRound = decision.mayEndRound && givesUpMilestones(world, actor, decision, recorder.tlsTools)
      const verdict = decideOutcome(world, actor, action, decision, endsRound)
      if (verdict.outcome === 'accepted') recordPermitted(recorder, actor, decision, endsRound)
      return verdict
    }
    case 'wrong': {
      const crossed =
        seen !== null &&
        seen < world.seats[actor].viewCount &&
        evaluateSeatAction(worldAsSeen(), actor, action, recorder.tlsTools).kind === 'allowed'
      if (crossed) return { outcome: 'crossed', findings: [] }
      const { findings, reason } = decision
      if (isRefusedAgain(world, actor, action)) return { outcome: 'refused', findings, reason: 'same-again' }
      // Where nothing is due from the seat, trying costs nothing.
      if (!decision.free && canGoOn(world, actor)) recordRefusal(recorder, actor, action, findings)
      return reason ? { outcome: 'refused', findings, reason } : { outcome: 'refused', findings }
    }
  }
}

/** The verdict on a legal act: it needs confirmation, it is idle, or it is accepted. */
function decideOutcome(world: World, seat: Seat, action: SeatAction, decision: PermittedDecision, endsRound: boolean): Verdict {
  const sure = action.kind === 'write' && action.sure === true
  if (endsRound && !sure) return { outcome: 'asked', findings: [] }
  if (decision.useless && world.seats[seat].uselessActsInRow >= MAX_USELESS_ACTS)
    return { outcome: 'idle', findings: decision.remarks }
  return { outcome: 'accepted', findings: decision.remarks }
}

function recordPermitted(recorder: EffectRecorder, seat: Seat, decision: PermittedDecision, endsRound: boolean): void {
  const { seats, script } = recorder.world
  if (seats[seat].player === 'partner' && script.players[seat] === 'person') recorder.playedBy = 'stand-in'
  if (endsRound) forfeitMilestones(recorder, seat)
  // In a graded round the action is not executed. Instead the built-in partner takes over the seat, so that the other student can go on.
  if (endsRound && script.level === 'exam') recorder.record({ kind: 'seated', seat, player: 'partner', forGood: true })
  else decision.execute(recorder)
  runToQuiescence(recorder)
}

/** A seat that makes the goal unreachable forfeits its remaining milestones. */
function forfeitMilestones(recorder: EffectRecorder, seat: Seat): void {
  for (const { id, status } of recorder.world.seats[seat].milestones)
    if (status === 'open' || status === 'shut') recorder.record({ kind: 'milestone', seat, milestone: id, status: 'forfeited' })
}

/** Charges a refusal and counts the attempt. After the last attempt the invigilator plays the step. */
function recordRefusal(recorder: EffectRecorder, seat: Seat, action: SeatAction, findings: readonly Finding[]): void {
  const { world } = recorder
  if (action.kind === 'answer')
    recorder.record({ kind: 'answered', seat, question: action.question, choice: action.choice, right: false })
  const record = world.seats[seat]
  const book = findings.find((f) => f.misconception?.startsWith('textbook-'))?.misconception
  if (book && action.kind !== 'answer' && !record.excusedMisconceptions.includes(book)) {
    recorder.record({ kind: 'excused', seat, misconception: book })
    return
  }
  const last = record.triedFields.length + 1 >= attemptsOf(world.script)
  const milestone = chargedMilestone(world, seat, action, findings)
  const eighths = refusalCost(world, seat, action, last)
  recorder.record({ kind: 'tried', seat, field: findings[0]?.field ?? 'message' })
  if (milestone && eighths > 0) recorder.record({ kind: 'charged', seat, milestone: milestone.id, eighths })
  if (last) {
    recorder.record({ kind: 'invigilated', seat })
    recorder.playedBy = 'invigilator'
    playForSeat(recorder, seat, nextEngineAction(world, seat))
    runToQuiescence(recorder)
  }
}
