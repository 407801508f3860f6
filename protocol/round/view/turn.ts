/**
 * Whose turn it is at a seat, for the line at the top of its controls. It is derived only from what the seat's own host can observe, so
 * that it never says whether a segment was lost or the peer is still thinking.
 */
import { nextSegment } from '../../tcp/due-segment.ts'
import { peerOf, type Seat } from '../../seat.ts'
import { nextApplicationStep, openQuestion } from '../fold/progress.ts'
import type { World } from '../model/world.ts'
import { isGoalReached } from '../rules/goal.ts'
import { nextApplicationTask } from '../rules/next-action.ts'

/**
 * The seat has to act:
 * - `question`: it is being asked a question.
 * - `reply`: something happened at its host, and its TCP has to answer with a segment. Only at the level `guided`.
 * - `event`: something happened at its host, and a claim or a discard is due. Above `guided`, it is said of all that happens, since it is for
 *   the student to know what that asks for, if anything.
 * - `segment`, `message`: its TCP has a segment to send, or its TLS or application a message. Only at the level `guided`.
 * - `move`: the same, above `guided`.
 * - `call`: its application has a call to make.
 *
 * Nothing is due at the seat:
 * - `waiting`: it has asked to let the clock run.
 * - `peer-opens`: the exercise goes on when the peer's application has called passive OPEN.
 * - `sent`: what it has sent is not acknowledged yet.
 * - `idle`: any other case.
 * - `peer-question`: the goal is reached, and the peer is still being asked a question.
 *
 * `stand-in`: the built-in partner plays the seat. `paused`, `over`: the round is.
 */
export type Turn =
  | 'question'
  | 'reply'
  | 'event'
  | 'segment'
  | 'message'
  | 'move'
  | 'call'
  | 'waiting'
  | 'peer-opens'
  | 'sent'
  | 'idle'
  | 'peer-question'
  | 'stand-in'
  | 'paused'
  | 'over'

/** Whose turn it is, as a seat sees it. */
export function turnOf(world: World, seat: Seat): Turn {
  const record = world.seats[seat]
  const guided = world.script.level === 'guided'
  if (world.over) return 'over'
  if (world.paused) return 'paused'
  if (record.player === 'partner') return 'stand-in'
  if (openQuestion(world, seat)) return 'question'
  if (isGoalReached(world)) return 'peer-question'
  if (record.waitRequested) return 'waiting'
  if (record.openEvents.length > 0 && !guided) return 'event'
  if (record.openEvents.some(({ asks }) => asks)) return 'reply'
  if (record.openEvents.some(({ state, discard }) => state !== record.claimedState || discard === null)) return 'event'
  const { tcb } = world.hosts[seat]
  const task = nextApplicationTask(world, seat)
  const isWriting = task?.kind === 'write' && tcb.owes.every(({ kind }) => kind === 'data')
  if (isWriting) return guided ? 'message' : 'move'
  if (nextSegment(tcb)) return guided ? 'segment' : 'move'
  if (task) return task.kind === 'call' ? 'call' : guided ? 'message' : 'move'
  if (waitsForPeerToOpen(world, seat)) return 'peer-opens'
  return tcb.snd.una === tcb.snd.nxt ? 'idle' : 'sent'
}

/** Whether the seat's application waits until the peer listens. The peer's OPEN is an act of the exercise, not something on the wire. */
function waitsForPeerToOpen(world: World, seat: Seat): boolean {
  const next = nextApplicationStep(world, seat)
  if (!next || next.ready || next.step.by !== 'seat') return false
  return next.step.when?.seat === peerOf(seat) && next.step.when.been === 'LISTEN'
}
