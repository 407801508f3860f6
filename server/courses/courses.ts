/** Courses: staff, roster, sessions. They stand above lessons, which know nothing of rosters. */
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Auth } from '../identity/auth.ts'
import type { LessonNotifier } from '../lessons/notifier.ts'
import type { Presence } from '../nodes/presence.ts'
import { createCourseAdmin, type CourseAdmin } from './course-admin.ts'
import { createMemberEntry, type MemberEntry } from './member-entry.ts'
import { createPersonalLinks, type PersonalLinks } from './personal-links.ts'
import { createRoster, type Roster } from './roster.ts'
import { createRosterImports, type RosterImports } from './roster-imports.ts'
import { createStaff, type Staff } from './staff.ts'

/** All methods reject with an `ApiError`. */
export type Courses = CourseAdmin & Staff & Roster & RosterImports & MemberEntry & PersonalLinks

export interface CoursesDeps {
  readonly prisma: PrismaClient
  readonly notifier: Pick<LessonNotifier, 'participantsChanged' | 'placesChanged'>
  readonly presence: Pick<Presence, 'isPresent'>
  readonly auth: Pick<Auth, 'createMemberToken'>
  readonly now: () => Date
}

export const createCourses = (deps: CoursesDeps): Courses => ({
  ...createCourseAdmin(deps),
  ...createStaff(deps),
  ...createRoster(deps),
  ...createRosterImports(deps),
  ...createMemberEntry(deps),
  ...createPersonalLinks(deps),
})
