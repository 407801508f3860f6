/** Contests: a member says that a step of theirs was right, and the teacher decides. */
import type { ContestDecision, ContestInfo, NewContest, OwnGrade, OwnRound } from '../../contract/grades.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import type { Exercise } from '../../protocol/round/model/exercise.ts'
import type { LossFact } from '../../protocol/round/insights/round-facts.ts'
import { POINT_EIGHTHS } from '../../protocol/round/fold/score.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { ApiError } from '../base/api-error.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Library } from '../lessons/library.ts'
import { normalizeText } from '../lessons/names.ts'
import type { RoundFactsReader } from '../lessons/round-facts-reader.ts'
import type { RoundLog } from '../rounds/log.ts'
import { toCell } from './book.ts'
import { gradeCourse, seatsOf, type CourseData, type CourseRound, type ReadCourseData } from './course-data.ts'
import { findMilestoneText, listDeductions } from './reasons.ts'
import { addRecords, type NewGradeRecord } from './record-rows.ts'
import type { Contest, Standing } from './standing.ts'

export interface Contests {
  /** What a seat's member may know of their grade of this finished round's session. Rejects with `not-found`, `not-over` and `not-released`. */
  readOwnGrade(roundId: string, seat: Seat): Promise<OwnGrade>
  /** Rejects also with `malformed` if nobody of a course plays the seat or the entry was no mistake of theirs, and with `conflict`. */
  contest(roundId: string, seat: Seat, contest: NewContest): Promise<OwnGrade>
  /** The contests of a course: open ones first, then newest first. */
  list(courseId: string): Promise<ContestInfo[]>
  /** Decides the contest with this number, also one that has been decided. Rejects with `not-found`. */
  decide(courseId: string, teacher: string, number: number, decision: ContestDecision): Promise<void>
}

export interface ContestsDeps {
  readonly prisma: PrismaClient
  readonly readCourse: ReadCourseData
  readonly facts: RoundFactsReader
  readonly log: Pick<RoundLog, 'read'>
  readonly library: Pick<Library, 'findByReference'>
  readonly now: () => Date
}

/** What a member's entry has cost. */
interface ChargedEntry {
  readonly round: CourseRound
  readonly seat: Seat
  readonly member: string
  readonly loss: LossFact
}

export function createContests({ prisma, readCourse, facts, log, library, now }: ContestsDeps): Contests {
  /** A round that is over and whose results its seat may see, with the member in this seat; null for a seat that is nobody's of a course. */
  const readOwnRound = async (roundId: string, seat: Seat) => {
    const row = await prisma.round.findUnique({ where: { id: roundId }, include: { session: true, client: true, server: true } })
    if (!row) throw new ApiError('not-found', 'There is no such round.')
    if (!row.endedAt) throw new ApiError('not-over', 'The round is still being played.')
    const { courseId, level, releasedAt } = row.session
    if (level === 'exam' && !releasedAt) throw new ApiError('not-released', 'The results of this exam have not been released.')
    const member = row[seat].memberId
    return { row, session: row.session, own: courseId === null || member === null ? null : { courseId, member } }
  }

  const readOwnGrade: Contests['readOwnGrade'] = async (roundId, seat) => {
    const { session, own } = await readOwnRound(roundId, seat)
    if (!own) return { rounds: [], session: null }
    const { courseId, member } = own
    const data = await readCourse(courseId, session.id, member)
    const rounds = await Promise.all(
      data.rounds.map(async (round) => {
        if (!round.facts.over) return []
        const exercise = await library.findByReference(round.row.exercise)
        return seatsOf(round, member).map((of) => describeOwnRound(round, of, exercise, data.standing))
      }),
    )
    const grade = session.releasedAt && gradeCourse(data, member)[0]?.sessions[0]
    const override = data.standing.findOverride({ member, session: session.id, position: null })
    return { rounds: rounds.flat(), session: grade ? { ...toCell(grade), reason: override?.reason ?? null } : null }
  }

  /** The contested entry and the others of the course at which the same was charged in the same exercise and version. */
  const findAlike = async (data: CourseData, contest: Contest): Promise<{ own: ChargedEntry; others: ChargedEntry[] } | null> => {
    const round = data.rounds.find(({ row }) => row.id === contest.round)
    const own = round && listCharged(round, contest.member).find(({ loss }) => loss.entry === contest.entry)
    if (!own) return null
    const [entry] = await readEntries([own])
    const candidates = data.rounds
      .filter(({ row }) => row.exercise === own.round.row.exercise)
      .flatMap((each) => seatsOfMembers(each).flatMap((member) => listCharged(each, member)))
      .filter((each) => each.seat === own.seat && isSameLoss(each.loss, own.loss))
      .filter((each) => each.round !== own.round || each.loss.entry !== own.loss.entry)
    const entries = await readEntries(candidates)
    return { own, others: candidates.filter((_, i) => entry && entries[i] && isSameFault(entry, entries[i])) }
  }

  const readEntries = async (charged: readonly ChargedEntry[]): Promise<(Entry | undefined)[]> => {
    const found: (Entry | undefined)[] = []
    // One after another: a log is read only to look at one entry of it.
    for (const { round, loss } of charged) found.push((await log.read(round.row.id))[loss.entry])
    return found
  }

  const describe = async (data: CourseData, contest: Contest): Promise<ContestInfo> => {
    const alike = contest.status === 'open' ? await findAlike(data, contest) : null
    const round = data.rounds.find(({ row }) => row.id === contest.round)
    const charged = round && listCharged(round, contest.member).find(({ loss }) => loss.entry === contest.entry)
    const exercise = round && (await library.findByReference(round.row.exercise))
    const member = data.members.find(({ id }) => id === contest.member)
    const others = new Set(alike?.others.map((each) => each.member).filter((id) => id !== contest.member))
    return {
      number: contest.number,
      at: contest.at.toISOString(),
      member: { id: contest.member, name: member?.name ?? '', number: member?.number ?? '' },
      session: { id: contest.session, title: data.sessions.find(({ id }) => id === contest.session)?.title ?? '' },
      exercise: exercise?.title ?? null,
      round: contest.round,
      entry: contest.entry,
      points: (charged?.loss.eighths ?? 0) / POINT_EIGHTHS,
      mistake: charged ? mistakeOf(charged.loss) : null,
      milestone: charged ? findMilestoneText(exercise, charged.seat, charged.loss.milestone) : null,
      text: contest.text,
      status: contest.status,
      reason: contest.reason,
      alike: contest.status === 'open' ? others.size : null,
    }
  }

  return {
    readOwnGrade,

    async contest(roundId, seat, { entry, text }) {
      const { row, own } = await readOwnRound(roundId, seat)
      const [read] = await facts.read([row])
      const isMistake = read?.seats[seat].losses.some((loss) => loss.entry === entry && mistakeOf(loss) !== null)
      if (!own || !isMistake) throw new ApiError('malformed', 'There is nothing to contest at this step.')
      const reason = normalizeText(text)
      const { sessionId: session, position } = row
      await addRecords(prisma, own.courseId, now(), (standing) => {
        if (standing.findDecision(roundId, entry) !== null) throw new ApiError('conflict', 'This step has been contested already.')
        const { member } = own
        return [{ kind: 'contest', before: null, after: 'open', member, session, position, round: roundId, entry, reason }]
      })
      return readOwnGrade(roundId, seat)
    },

    async list(courseId) {
      const data = await readCourse(courseId)
      const order = { open: 0, upheld: 1, rejected: 1 }
      const sorted = [...data.standing.contests].sort((a, b) => order[a.status] - order[b.status] || b.number - a.number)
      const described: ContestInfo[] = []
      for (const contest of sorted) described.push(await describe(data, contest))
      return described
    },

    async decide(courseId, teacher, number, { upheld, everyone, reason: typed }) {
      const data = await readCourse(courseId)
      const contest = data.standing.contests.find((each) => each.number === number)
      if (!contest) throw new ApiError('not-found', 'There is no such contest.')
      const alike = everyone ? await findAlike(data, contest) : null
      const reason = normalizeText(typed)
      const after = upheld ? 'upheld' : 'rejected'
      const own = {
        member: contest.member,
        session: contest.session,
        position: contest.position,
        round: contest.round,
        entry: contest.entry,
      }
      const others = (alike?.others ?? []).map(({ round: { row }, member, loss }) => {
        return { member, session: row.sessionId, position: row.position, round: row.id, entry: loss.entry }
      })
      await addRecords(prisma, courseId, now(), (standing) =>
        [own, ...others].flatMap((about): NewGradeRecord[] => {
          const before = standing.findDecision(about.round, about.entry)?.value ?? null
          return before === after ? [] : [{ kind: 'decision', before, after, ...about, reason, teacher }]
        }),
      )
    },
  }
}

const describeOwnRound = (round: CourseRound, seat: Seat, exercise: Exercise | undefined, standing: Standing): OwnRound => ({
  id: round.row.id,
  exercise: exercise?.title ?? null,
  seat,
  points: round.scores[seat].eighths / POINT_EIGHTHS,
  of: round.scores[seat].of / POINT_EIGHTHS,
  deductions: listDeductions(round, seat, exercise, standing),
})

const mistakeOf = ({ why }: LossFact) => (why && 'mistake' in why ? why.mistake : null)

const seatsOfMembers = ({ members }: CourseRound): string[] => [
  ...new Set(SEATS.flatMap((seat) => (members[seat] === null ? [] : [members[seat]]))),
]

const listCharged = (round: CourseRound, member: string): ChargedEntry[] =>
  seatsOf(round, member).flatMap((seat) => round.facts.seats[seat].losses.map((loss) => ({ round, seat, member, loss })))

const isSameLoss = (a: LossFact, b: LossFact): boolean =>
  a.milestone === b.milestone && mistakeOf(a) !== null && mistakeOf(a) === mistakeOf(b)

/** Whether the same was found at both: of a segment or message the most fundamental finding, of an answer the choice. */
function isSameFault(a: Entry, b: Entry): boolean {
  if (a.action.kind === 'answer' || b.action.kind === 'answer')
    return a.action.kind === b.action.kind && 'choice' in a.action && 'choice' in b.action && a.action.choice === b.action.choice
  const [fault, other] = [a, b].map(({ verdict }) => verdict.findings.find(({ kind }) => kind === 'refusal'))
  return fault?.field === other?.field && fault?.rule === other?.rule && fault?.misconception === other?.misconception
}
