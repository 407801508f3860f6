/** All that is stored about one student: exported, as data or to be read, and erased. */
import { formerStudent, PERSONAL_DATA } from '../../contract/personal-data.ts'
import type { ErasedCounts, StudentData } from '../../contract/student-data.ts'
import type { Lang } from '../../protocol/round/model/exercise.ts'
import { ApiError } from '../base/api-error.ts'
import { newId } from '../base/ids.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { LessonNotifier } from '../lessons/notifier.ts'
import type { RoundLog } from '../rounds/log.ts'
import { eraseRows, readRows, type StudentIds } from './personal-rows.ts'

/** A student: a participant of one session, or a member of a course with all that they have played. */
export type StudentKey =
  { readonly session: string; readonly participant: string } | { readonly course: string; readonly member: string }

/** All methods reject with `not-found`. */
export interface StudentRecords {
  /** Reads everything. */
  readData(student: StudentKey): Promise<StudentData>
  /**
   * Puts a number in the place of the name, wherever it stands. Rejects with `conflict` while a session in which the student takes part
   * has not ended.
   */
  erase(student: StudentKey, by: string): Promise<ErasedCounts>
}

export interface StudentRecordsDeps {
  readonly prisma: PrismaClient
  readonly log: Pick<RoundLog, 'read'>
  readonly notifier: Pick<LessonNotifier, 'participantsChanged'>
  readonly now: () => Date
}

/** A student with what erasing needs to know. */
interface FoundStudent {
  readonly ids: StudentIds & { readonly participant: readonly string[] }
  /** Counts the students of the course or the session in the order in which they came. */
  readonly number: number
  readonly language: string
  readonly sessions: readonly { readonly id: string; readonly endedAt: Date | null }[]
}

export function createStudentRecords({ prisma, log, notifier, now }: StudentRecordsDeps): StudentRecords {
  const find = async (tx: Prisma.TransactionClient, key: StudentKey): Promise<FoundStudent> => {
    if ('participant' in key) {
      const row = await tx.participant.findUnique({
        where: { id: key.participant, sessionId: key.session, builtIn: false },
        include: { session: { include: { course: true } } },
      })
      if (!row) throw noSuchStudent()
      const { session, sessionId, createdAt, id } = row
      const before = { OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }] }
      const number = 1 + (await tx.participant.count({ where: { sessionId, builtIn: false, ...before } }))
      return { ids: { participant: [id] }, number, language: session.course?.language ?? 'en', sessions: [session] }
    }
    const row = await tx.member.findUnique({
      where: { id: key.member, courseId: key.course },
      include: { course: true, participants: { include: { session: true } } },
    })
    if (!row) throw noSuchStudent()
    const { courseId, createdAt, id, course, participants } = row
    const before = { OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }] }
    const number = 1 + (await tx.member.count({ where: { courseId, ...before } }))
    const ids = { member: [id], participant: participants.map((participant) => participant.id) }
    return { ids, number, language: course.language, sessions: participants.map(({ session }) => session) }
  }

  /** The acts of these participants, each in their own seat. */
  const readActs = async (participants: readonly string[]): Promise<Record<string, unknown>[]> => {
    const among = { in: [...participants] }
    const rounds = await prisma.round.findMany({
      where: { OR: [{ clientId: among }, { serverId: among }, { networkId: among }] },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    })
    const acts: Record<string, unknown>[] = []
    for (const { id, clientId, serverId, networkId } of rounds) {
      const seats = [
        ...(participants.includes(clientId) ? ['client'] : []),
        ...(participants.includes(serverId) ? ['server'] : []),
        ...(networkId !== null && participants.includes(networkId) ? ['network'] : []),
      ]
      for (const { roundId, index, actor, action, verdict, at } of await log.read(id))
        if (seats.includes(actor)) acts.push({ roundId, index, actor, action, verdict, at })
    }
    return acts
  }

  return {
    async readData(student) {
      const { ids } = await find(prisma, student)
      const kinds: StudentData['kinds'][number][] = []
      for (const [kind, { about, what, why, stored }] of Object.entries(PERSONAL_DATA)) {
        if (about === 'teacher') continue
        const rows: { table: string; row: Record<string, unknown> }[] = []
        for (const each of stored) {
          const found =
            each.by === 'round'
              ? await readActs(ids.participant)
              : await readRows(prisma, each, ids[each.by as keyof StudentIds] ?? [])
          rows.push(...found.map((row) => ({ table: each.table, row })))
        }
        // Rows are JSON of any shape, which the contract's type says with other words.
        kinds.push({ kind, what, why, rows: rows as StudentData['kinds'][number]['rows'] })
      }
      return { madeAt: now().toISOString(), kinds }
    },

    async erase(student, by) {
      const { counts, sessions } = await prisma.$transaction(async (tx) => {
        const { ids, number, language, sessions } = await find(tx, student)
        if (sessions.some(({ endedAt }) => endedAt === null))
          throw new ApiError('conflict', 'A session of this student has not ended: end it first.')
        const counts = await eraseRows(tx, ids, formerStudent(language, number), now())
        await tx.erasureRecord.create({ data: { id: newId(), at: now(), teacherId: by, counts } })
        return { counts, sessions }
      })
      for (const { id } of sessions) notifier.participantsChanged(id)
      return counts
    },
  }
}

const noSuchStudent = () => new ApiError('not-found', 'There is no such student.')

/** Writes out what is stored about a student, in plain text. */
export function printStudentData({ madeAt, kinds }: StudentData, lang: Lang): string {
  const none = lang === 'zh' ? '（没有）' : '(nothing)'
  const title = lang === 'zh' ? `关于这名学生的全部数据，${madeAt}` : `All that is stored about this student, ${madeAt}`
  const paragraphs = kinds.map(({ what, why, rows }) =>
    [
      `## ${what[lang]}`,
      why[lang],
      '',
      ...(rows.length === 0 ? [none] : rows.map(({ table, row }) => `- ${table}: ${printRow(row)}`)),
    ].join('\n'),
  )
  return `${[title, ...paragraphs].join('\n\n')}\n`
}

const printRow = (row: Readonly<Record<string, unknown>>): string =>
  Object.entries(row)
    .filter(([, value]) => value !== null && value !== '')
    .map(
      ([column, value]) =>
        `${column} ${value instanceof Date ? value.toISOString() : typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    .join(', ')
