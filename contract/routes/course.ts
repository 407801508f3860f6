/** Courses: staff, roster, sessions and saved playlists. Each route that changes a course answers with it whole. */
import { Type } from 'typebox'
import { SessionInfo } from '../answers.ts'
import {
  Course,
  CourseChange,
  CourseInfo,
  MAX_ROSTER_BODY_OCTETS,
  MemberChange,
  NewCourse,
  NewCoursePlaylist,
  NewCourseSession,
  NewMember,
  NewStaff,
  PersonalLink,
  RosterFile,
  RosterImport,
  RosterPreview,
  StaffChange,
} from '../courses.ts'
import { AccountId, Id } from '../schema-parts.ts'
import { COURSE_PARAMS, declareRoutes } from './declare-routes.ts'

const STAFF_PARAMS = Type.Object({ course: Id, teacher: AccountId })
const MEMBER_PARAMS = Type.Object({ course: Id, member: Id })

export const COURSE_ROUTES = declareRoutes({
  'GET /api/courses': {
    summary: 'The courses in which I work, by title',
    access: 'teacher',
    answer: Type.Array(CourseInfo),
  },
  'POST /api/courses': { summary: 'A new course, which I own', access: 'teacher', body: NewCourse, answer: CourseInfo },
  'GET /api/courses/:course': {
    summary: 'A course: its staff, members, sessions and saved playlists',
    access: 'staff of the course',
    params: COURSE_PARAMS,
    answer: Course,
  },
  'PATCH /api/courses/:course': {
    summary: 'Rename a course, change its language, put it away, or undo that',
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    body: CourseChange,
    answer: Course,
  },
  'POST /api/courses/:course/staff': {
    summary: 'Add a teacher of this server to the staff; only an owner may add an owner',
    access: 'teacher of the course',
    token: 'none',
    params: COURSE_PARAMS,
    body: NewStaff,
    answer: Course,
  },
  'PATCH /api/courses/:course/staff/:teacher': {
    summary: 'Give one of the staff another role; only an owner may make or unmake an owner, and one always stays',
    access: 'teacher of the course',
    token: 'none',
    params: STAFF_PARAMS,
    body: StaffChange,
    answer: Course,
  },
  'DELETE /api/courses/:course/staff/:teacher': {
    summary: 'Remove one of the staff; an owner only by an owner, and one always stays',
    access: 'teacher of the course',
    token: 'none',
    params: STAFF_PARAMS,
    answer: Course,
  },
  'POST /api/courses/:course/members': {
    summary: 'Add a member by hand',
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    body: NewMember,
    answer: Course,
  },
  'PATCH /api/courses/:course/members/:member': {
    summary: 'Change a member, remove them from the roster, or undo that',
    access: 'teacher of the course',
    params: MEMBER_PARAMS,
    body: MemberChange,
    answer: Course,
  },
  'POST /api/courses/:course/members/:member/merge/:kept': {
    summary: 'Two rows are one person: what the first has played goes to the second, and its row is deleted',
    access: 'teacher of the course',
    params: Type.Object({ course: Id, member: Id, kept: Id }),
    answer: Course,
  },
  'POST /api/courses/:course/roster/preview': {
    summary: 'What a roster file (CSV) says, its faulty lines, and what importing it would change; stores nothing',
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    body: RosterFile,
    maxBodyOctets: MAX_ROSTER_BODY_OCTETS,
    answer: RosterPreview,
  },
  'POST /api/courses/:course/roster': {
    summary: 'Import a roster file as its preview has shown it',
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    body: RosterImport,
    maxBodyOctets: MAX_ROSTER_BODY_OCTETS,
    answer: Course,
  },
  'GET /api/courses/:course/links': {
    summary: 'The personal links of all members, for a sheet',
    access: 'staff of the course',
    // Whoever has a link is the member, so no token reads one.
    token: 'none',
    params: COURSE_PARAMS,
    answer: Type.Array(PersonalLink),
  },
  'GET /api/courses/:course/links.csv': {
    summary: 'The personal links of all members, for a mail merge',
    access: 'staff of the course',
    // Whoever has a link is the member, so no token reads one.
    token: 'none',
    params: COURSE_PARAMS,
    answer: Type.String(),
    contentType: 'text/csv',
  },
  'POST /api/courses/:course/members/:member/link': {
    summary: "End a member's personal link, so that a new one holds",
    access: 'teacher of the course',
    // Whoever has a link is the member, so no token reads one.
    token: 'none',
    params: MEMBER_PARAMS,
    answer: Course,
  },
  'POST /api/courses/:course/sessions': {
    summary: 'A new session of the course',
    access: 'staff of the course',
    params: COURSE_PARAMS,
    body: NewCourseSession,
    answer: SessionInfo,
  },
  'POST /api/courses/:course/playlists': {
    summary: "Keep a playlist for the course's next sessions",
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    body: NewCoursePlaylist,
    answer: Course,
  },
  'DELETE /api/courses/:course/playlists/:playlist': {
    summary: 'Delete a saved playlist',
    access: 'teacher of the course',
    params: Type.Object({ course: Id, playlist: Id }),
    answer: Course,
  },
})
