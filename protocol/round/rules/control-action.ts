/** Control actions: actions of the teacher and the system on a round as a whole. */
import { peerOf, SEATS, type Seat } from '../../seat.ts'
import { networkPart } from '../fold/current-scene.ts'
import { openQuestion } from '../fold/progress.ts'
import type { Actor, ControlAction } from '../model/action.ts'
import type { MilestoneStatus } from '../model/effect.ts'
import type { Verdict } from '../model/verdict.ts'
import type { World } from '../model/world.ts'
import { openingTcbsOf } from '../setup/opening.ts'
import { canGoOn, letsTimePass, reasonAgainstIdleWait, requestWait } from './clock.ts'
import { ACCEPTED, barAction } from './decision.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { settleVote } from './host.ts'
import { hintedMilestone } from './charges.ts'
import { recordHint } from './hint.ts'
import { chooseWrongSegment, plantSegment } from './planted-mistake.ts'
import { runToQuiescence } from './quiescence.ts'

/** Judges a control action and executes it. `world`: the recorder's current world; null before the round has begun. */
export function judgeControlAction(recorder: EffectRecorder, world: World | null, actor: Actor, action: ControlAction): Verdict {
  if (action.control === 'start') {
    if (world) return barAction('already-called')
    const { script } = action
    const [first] = script.scenes
    if (!first) return barAction('not-yet')
    recorder.record({ kind: 'begun', script, tcbs: openingTcbsOf(first) })
    runToQuiescence(recorder)
    return ACCEPTED
  }
  if (!world || world.over) return barAction('over')
  switch (action.control) {
    case 'pause':
    case 'resume':
      if (world.paused === (action.control === 'pause')) return barAction('already-called')
      recorder.record({ kind: action.control === 'pause' ? 'paused' : 'resumed' })
      break
    case 'end':
      for (const seat of SEATS) settleVote(recorder, seat)
      for (const seat of SEATS) settleOpenMilestones(recorder, seat, isAwayAtEnd(recorder.world, seat, action.away ?? []))
      recorder.record({ kind: 'over', why: action.why })
      break
    case 'idle': {
      const { seat } = action
      if (!world.seats[peerOf(seat)].waitRequested) return barAction('not-yet')
      const reason = reasonAgainstIdleWait(world, seat)
      if (reason) return barAction(reason)
      requestWait(recorder, seat)
      runToQuiescence(recorder)
      break
    }
    case 'takeover':
    case 'return': {
      const player = action.control === 'takeover' ? 'partner' : 'person'
      if (world.seats[action.seat].player === player) return barAction('already-called')
      if (player === 'person' && world.seats[action.seat].abandoned) return barAction('not-yours')
      // A simulated student is never away.
      if (player === 'partner' && actor === 'system' && world.script.simulated?.[action.seat]) return barAction('not-yours')
      recorder.record({ kind: 'seated', seat: action.seat, player })
      break
    }
    case 'plant': {
      const segment = world.script.partner.mistakes && !world.paused && chooseWrongSegment(world, action.seat)
      if (!segment || world.seats[action.seat].player !== 'partner') return barAction('nothing-to-send')
      plantSegment(recorder, action.seat, segment)
      runToQuiescence(recorder)
      break
    }
    case 'hint': {
      const milestone = hintedMilestone(world, action.seat)
      if (!milestone) return barAction('no-hint-left')
      recordHint(recorder, world, action.seat, milestone.id, action.rung)
      break
    }
    case 'stop-wire':
    case 'free-wire': {
      const stops = action.control === 'stop-wire'
      if (world.wireStopped === stops) return barAction('already-called')
      // The system may stop the wire only for a network seat that has reconnected.
      if (stops && actor === 'system' && !networkPart(world)) return barAction('not-yours')
      recorder.record({ kind: 'wire', stops })
      if (!stops) for (const { id, due } of world.wire) if (due === null) recorder.record({ kind: 'held', id, due: world.clock })
      runToQuiescence(recorder)
      break
    }
  }
  return ACCEPTED
}

/** Whether a seat's person is away when the round is ended: the partner plays for them, or they have left a peer who is there. */
function isAwayAtEnd({ script, seats }: World, seat: Seat, away: readonly Seat[]): boolean {
  if (script.players[seat] !== 'person' || script.simulated?.[seat]) return false
  return seats[seat].player === 'partner' || (away.includes(seat) && !away.includes(peerOf(seat)))
}

/**
 * Settles what is still open to a seat when somebody else ends the round. It is not reached, and so leaves the maximum. It stays in it for
 * whoever is away, and for whoever the round was waiting for, at least one milestone: otherwise one would pass by doing nothing until the
 * end of the lesson.
 */
function settleOpenMilestones(recorder: EffectRecorder, seat: Seat, isAway: boolean): void {
  const { world } = recorder
  const { milestones } = world.seats[seat]
  const settle = (from: MilestoneStatus, to: MilestoneStatus) => {
    for (const { id, status } of milestones)
      if (status === from) recorder.record({ kind: 'milestone', seat, milestone: id, status: to })
  }
  if (isAway) return settle('shut', 'missed')
  const mayAct = !letsTimePass(world, seat) || canGoOn(world, seat)
  const isAwaited = (letsTimePass(world, peerOf(seat)) && mayAct) || openQuestion(world, seat) !== undefined
  if (!isAwaited) return settle('open', 'shut')
  const next = milestones.some(({ status }) => status === 'open') ? undefined : milestones.find(({ status }) => status === 'shut')
  if (next) recorder.record({ kind: 'milestone', seat, milestone: next.id, status: 'open' })
}
