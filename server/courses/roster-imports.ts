/** Importing a roster from a file: first a preview, then exactly what it has shown. */
import { createHash } from 'node:crypto'
import type { RosterFile, RosterImport, RosterPreview } from '../../contract/courses.ts'
import { ApiError } from '../base/api-error.ts'
import { newId } from '../base/ids.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { LessonNotifier } from '../lessons/notifier.ts'
import { withCourseLock } from './course-lock.ts'
import { compareRosters } from './roster-file/compare-rosters.ts'
import { readRoster, type RosterRow } from './roster-file/read-roster.ts'

/** Imports of rosters. Both reject with `malformed` if the file cannot be read. */
export interface RosterImports {
  previewRoster(courseId: string, file: RosterFile): Promise<RosterPreview>
  /** Imports the lines without a fault. Rejects with `conflict` if the preview of this fingerprint does not hold any more. */
  importRoster(courseId: string, wanted: RosterImport): Promise<void>
}

export interface RosterImportsDeps {
  readonly prisma: PrismaClient
  readonly notifier: Pick<LessonNotifier, 'participantsChanged'>
  readonly now: () => Date
}

export function createRosterImports({ prisma, notifier, now }: RosterImportsDeps): RosterImports {
  const preview = async (db: Prisma.TransactionClient, courseId: string, { file, ...reading }: RosterFile) => {
    const { rows, numbers, ...read } = readRoster(Buffer.from(file, 'base64'), reading)
    const known = await db.member.findMany({ where: { courseId } })
    const changes = compareRosters(
      known.map(({ removedAt, ...member }) => ({ ...member, removed: removedAt !== null })),
      { rows, numbers },
    )
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([read, rows, changes]))
      .digest('hex')
    return { rows, shown: { ...read, changes, fingerprint } satisfies RosterPreview }
  }

  return {
    previewRoster: async (courseId, file) => (await preview(prisma, courseId, file)).shown,

    importRoster: (courseId, { fingerprint, removeGone, ...file }) =>
      withCourseLock({ prisma, notifier }, courseId, async (tx) => {
        const { rows, shown } = await preview(tx, courseId, file)
        if (shown.fingerprint !== fingerprint)
          throw new ApiError('conflict', 'The roster has changed since the preview: look at it again.')
        const { added, changed, gone } = shown.changes
        const rowOf = new Map(rows.map((row) => [row.number, row]))
        const fieldsOf = (number: string): Partial<RosterRow> => {
          const { line: _, ...fields } = rowOf.get(number) ?? { line: 0 }
          return fields
        }
        await tx.member.createMany({
          data: added.flatMap(({ number, returns }) => {
            const row = rowOf.get(number)
            if (!row || returns) return []
            const { line: _, ...fields } = row
            return [{ ...fields, id: newId(), courseId, createdAt: now() }]
          }),
        })
        for (const { number } of [...added.filter(({ returns }) => returns), ...changed])
          await tx.member.update({
            where: { courseId_number: { courseId, number } },
            data: { ...fieldsOf(number), removedAt: null },
          })
        if (removeGone)
          await tx.member.updateMany({
            where: { courseId, number: { in: gone.map(({ number }) => number) } },
            data: { removedAt: now() },
          })
      }),
  }
}
