/** Which milestone a refusal or a hint is charged to, and what it costs. */
import { deepEqual } from '../../deep-equal.ts'
import type { Finding, FindingField } from '../../findings.ts'
import { parseNumber } from '../../notation.ts'
import type { Seat } from '../../seat.ts'
import { ACK, bitsOf, CONTROL_BITS, hasBit, type Segment } from '../../segment.ts'
import { maySend } from '../../tcp/may-send.ts'
import { notationOf, rulesOf, sceneOf } from '../fold/current-scene.ts'
import { openMilestone, openQuestion } from '../fold/progress.ts'
import { COST_EIGHTHS, POINT_EIGHTHS } from '../fold/score.ts'
import type { EngineAction, SeatAction } from '../model/action.ts'
import type { Deed } from '../model/exercise.ts'
import { UPPER_LAYER_MESSAGES } from '../model/upper-layer-messages.ts'
import type { MilestoneRecord, World } from '../model/world.ts'
import { deedsOfSegment } from './host.ts'
import { httpMessageKindOf } from './http-application.ts'
import { nextEngineAction } from './next-action.ts'

/**
 * The milestone that a refused action is charged to: the one that the field of the most fundamental finding belongs to. A state belongs to
 * the claim of it; a number, a bit or a payload to what the segment would have done, never to a claim; a message to what it would have said.
 * Where none of those is open, it is the one that the step at hand would meet. Null: nothing open has to do with it.
 */
export function chargedMilestone(
  world: World,
  seat: Seat,
  action: SeatAction,
  findings: readonly Finding[],
): MilestoneRecord | null {
  if (action.kind === 'answer') return findMilestone(world, seat, [{ chooses: action.question }])
  const field = findings[0]?.field ?? 'message'
  if (action.kind === 'claim') {
    const event = world.seats[seat].openEvents.find(({ view }) => view === action.event)
    return event ? findMilestone(world, seat, [{ says: event.state }]) : null
  }
  const meant = action.kind === 'send' ? deedsOfMendedSegment(world, seat, action, findings) : []
  const due = deedsOfStep(world, seat, nextEngineAction(world, seat))
  if (field === 'state') {
    const claimed = findMilestone(world, seat, meant.filter(isClaim)) ?? findMilestone(world, seat, due.filter(isClaim))
    if (claimed) return claimed
  }
  const done = [...meant, ...due].filter((deed) => !isClaim(deed))
  return (
    findMilestone(
      world,
      seat,
      done.filter((deed) => isAbout(deed, findings[0])),
    ) ??
    findMilestone(
      world,
      seat,
      meant.filter((deed) => !isClaim(deed)),
    ) ??
    findMilestone(world, seat, done) ??
    (field === 'message' ? firstOpen(world, seat, isMessage) : null)
  )
}

/** What a refusal costs, in eighths. One step's costs together are at most one point, and the last attempt costs all that is left of it. */
export function refusalCost(world: World, seat: Seat, action: SeatAction, isLast: boolean): number {
  if (sceneOf(world).free) return 0
  const left = Math.max(0, POINT_EIGHTHS - world.seats[seat].chargedInStep)
  return isLast ? left : Math.min(left, action.kind === 'answer' ? COST_EIGHTHS.wrongChoice : COST_EIGHTHS.refusal)
}

/** What a rung of the hint costs, in eighths. */
export const hintCost = (world: World, rung: 1 | 2 | 3): number => (sceneOf(world).free ? 0 : COST_EIGHTHS.hint[rung])

/**
 * The next rung of the hint: of the milestone that the step at hand would meet, or else of the oldest open one; null if there is none. A
 * question has no hints, since they would reveal the answer.
 */
export function nextHintRung(world: World, seat: Seat): { milestone: MilestoneRecord; rung: 1 | 2 | 3 } | null {
  const milestone = hintedMilestone(world, seat)
  const rung = milestone && rungAfter(milestone)
  return rung ? { milestone, rung } : null
}

/** The milestone that a hint would be about now; null if there is no hint. */
export function hintedMilestone(world: World, seat: Seat): MilestoneRecord | null {
  if (world.script.level === 'exam' || openQuestion(world, seat)) return null
  const oldest = openMilestone(world.seats[seat])
  return oldest ? (findMilestone(world, seat, deedsOfStep(world, seat, nextEngineAction(world, seat))) ?? oldest) : null
}

const rungAfter = ({ hints }: MilestoneRecord): 1 | 2 | 3 | undefined => ([1, 2, 3] as const)[hints]

/** The rung of `nextHintRung`, undefined if there is none. Which milestone it is of matters only if they differ in their hints. */
export function nextRung(world: World, seat: Seat): 1 | 2 | 3 | undefined {
  const { milestones } = world.seats[seat]
  const oldest = openMilestone(world.seats[seat])
  const differs = oldest && milestones.some(({ status, hints }) => status === 'open' && hints !== oldest.hints)
  if (!oldest || differs || world.script.level === 'exam' || openQuestion(world, seat)) return nextHintRung(world, seat)?.rung
  return rungAfter(oldest)
}

/** Whether the seat has had this very action refused since its last accepted one. */
export const isRefusedAgain = (world: World, seat: Seat, action: SeatAction): boolean =>
  world.seats[seat].refusedActions.some((refused) => deepEqual(refused, action))

/** The deeds that an action of the engine accomplishes. */
function deedsOfStep(world: World, seat: Seat, what: EngineAction): readonly Deed[] {
  switch (what.kind) {
    case 'send':
      return deedsOfLegalSegment(world, seat, what.segment)
    case 'call':
      return [{ calls: what.call.call }]
    case 'write': {
      const { message } = what
      const said = message.kind === 'http' ? httpMessageKindOf(seat) : message.choice.say
      const name =
        message.kind === 'tls' && message.choice.say === 'Alert' && message.choice.alert === 'close_notify' ? 'close_notify' : said
      const known = UPPER_LAYER_MESSAGES.find((each) => each === name)
      return known ? [{ writes: known }, { sends: known }] : []
    }
    case 'claim':
      return [{ says: what.state }]
    case 'discard': {
      const event = world.seats[seat].openEvents.find(({ view }) => view === what.event)
      return (event?.of ?? []).map((kind) => ({ discards: kind }))
    }
    case 'answer':
      return [{ chooses: what.question }]
    case 'wait':
      return []
  }
}

function deedsOfLegalSegment(world: World, seat: Seat, segment: Segment): readonly Deed[] {
  const permission = maySend(world.hosts[seat].tcb, segment, { rules: rulesOf(world), calls: 'given' })
  return permission.ok ? [...deedsOfSegment(world, seat, segment, permission), { says: permission.tcb.state }] : []
}

/** What a refused segment would have accomplished with the values that its findings ask for; nothing if it would still be wrong. */
function deedsOfMendedSegment(
  world: World,
  seat: Seat,
  { segment: { bits, seq, ack, length, window } }: Extract<SeatAction, { kind: 'send' }>,
  findings: readonly Finding[],
): readonly Deed[] {
  const { tcb } = world.hosts[seat]
  const notation = notationOf(world)
  const wanted = (field: FindingField) => findings.find((finding) => finding.field === field)?.want
  const number = (field: 'seq' | 'ack', text: string) =>
    Number(wanted(field) ?? parseNumber(text, notation, field, seat) ?? tcb.rcv.nxt)
  const flags = wanted('flags')
  const right = typeof flags === 'string' ? bitsNamed(flags) : bits
  return deedsOfLegalSegment(world, seat, {
    bits: right,
    seq: number('seq', seq),
    ack: hasBit(right, ACK) ? number('ack', ack) : null,
    length: Number(wanted('payload') ?? length),
    window: Number(wanted('window') ?? window ?? tcb.rcv.wnd),
  })
}

const bitsNamed = (names: string): number =>
  bitsOf(CONTROL_BITS.flatMap(([name]) => (names.split(',').includes(name) ? [name] : [])))

const isClaim = (deed: Deed): boolean => 'says' in deed
const isMessage = (deed: Deed): boolean =>
  'writes' in deed || ('sends' in deed && (UPPER_LAYER_MESSAGES as readonly string[]).includes(deed.sends))

/** Whether a deed is what the finding's field is for: a seq or a payload sends, an ack acknowledges, a bit does either. */
function isAbout(deed: Deed, finding: Finding | undefined): boolean {
  const sends = 'sends' in deed || 'resends' in deed
  const acknowledges = 'acknowledges' in deed || 'answers' in deed
  switch (finding?.field) {
    case 'seq':
    case 'payload':
      return sends
    case 'ack':
      return acknowledges
    case 'flags': {
      const changed = bitsNamed(`${finding.given ?? ''}`) ^ bitsNamed(`${finding.want ?? ''}`)
      return changed === ACK ? acknowledges : sends
    }
    default:
      return false
  }
}

/** The seat's oldest open milestone of this scene that one of these deeds meets. */
const findMilestone = (world: World, seat: Seat, deeds: readonly Deed[]): MilestoneRecord | null =>
  firstOpen(world, seat, (wanted) => deeds.some((deed) => deepEqual(deed, wanted)))

function firstOpen(world: World, seat: Seat, isWanted: (deed: Deed) => boolean): MilestoneRecord | null {
  const { milestones } = world.seats[seat]
  for (const { id, deed } of sceneOf(world).milestones[seat]) {
    const record = isWanted(deed) ? milestones.find((m) => m.id === id && m.status === 'open') : undefined
    if (record) return record
  }
  return null
}
