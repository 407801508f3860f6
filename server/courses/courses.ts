/** Courses: staff, roster, sessions. They stand above lessons, which know nothing of rosters. */
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { LessonNotifier } from '../lessons/notifier.ts'
import { createCourseAdmin, type CourseAdmin } from './course-admin.ts'
import { createRoster, type Roster } from './roster.ts'
import { createRosterImports, type RosterImports } from './roster-imports.ts'
import { createStaff, type Staff } from './staff.ts'

/** All methods reject with an `ApiError`. */
export type Courses = CourseAdmin & Staff & Roster & RosterImports

export interface CoursesDeps {
  readonly prisma: PrismaClient
  readonly notifier: Pick<LessonNotifier, 'participantsChanged'>
  readonly now: () => Date
}

export const createCourses = (deps: CoursesDeps): Courses => ({
  ...createCourseAdmin(deps),
  ...createStaff(deps),
  ...createRoster(deps),
  ...createRosterImports(deps),
})
