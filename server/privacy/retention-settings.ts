/** How long students' data is kept, unless a course says otherwise, and within which bounds it may. */
import type { Retention, RetentionBounds } from '../../contract/student-data.ts'
import { ApiError } from '../base/api-error.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

const KEY = 'retention'
/** The setting that says when `handshake backup` last made a backup, ISO 8601. */
export const LAST_BACKUP_KEY = 'last-backup'
const DEFAULT: RetentionBounds = { days: 365, minDays: 30, maxDays: 1825 }

/** The installation's rules for retention, and those of courses. */
export interface RetentionSettings {
  /** The rules, and when the last backup was made, as far as this server knows. */
  read(): Promise<Retention>
  /** Rejects with `malformed` if the default is out of bounds. Courses that are out of bounds keep to the nearest one. */
  change(bounds: RetentionBounds): Promise<void>
  /** Days for which a course keeps its students' data; null: the default. Rejects with `malformed` for what is out of bounds. */
  setCourse(courseId: string, keepDays: number | null): Promise<void>
  /** Days of the course that says this: its own number within bounds, or the default. */
  daysOf(keepDays: number | null, bounds: RetentionBounds): number
}

export function createRetentionSettings({ prisma }: { prisma: PrismaClient }): RetentionSettings {
  const read = async (): Promise<Retention> => {
    const rows = await prisma.setting.findMany({ where: { key: { in: [KEY, LAST_BACKUP_KEY] } } })
    const valueOf = (key: string) => rows.find((row) => row.key === key)?.value ?? null
    const stored = valueOf(KEY)
    return { ...(stored === null ? DEFAULT : (JSON.parse(stored) as RetentionBounds)), lastBackup: valueOf(LAST_BACKUP_KEY) }
  }
  return {
    read,
    async change({ days, minDays, maxDays }) {
      if (days < minDays || days > maxDays) throw new ApiError('malformed', 'The default must be within the bounds.')
      const value = JSON.stringify({ days, minDays, maxDays })
      await prisma.setting.upsert({ where: { key: KEY }, update: { value }, create: { key: KEY, value } })
    },
    async setCourse(courseId, keepDays) {
      const { minDays, maxDays } = await read()
      if (keepDays !== null && (keepDays < minDays || keepDays > maxDays))
        throw new ApiError('malformed', `The owner of the installation allows ${minDays} to ${maxDays} days.`)
      await prisma.course.update({ where: { id: courseId }, data: { keepDays } })
    },
    daysOf: (keepDays, { days, minDays, maxDays }) => (keepDays === null ? days : Math.min(maxDays, Math.max(minDays, keepDays))),
  }
}
