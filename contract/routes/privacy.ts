/** What is stored about people: retention, and export and erasure of one student. */
import { Type } from 'typebox'
import {
  CourseRetention,
  ErasedCounts,
  Erasure,
  Retention,
  RetentionBounds,
  STUDENT_OF_COURSE_PARAMS,
  STUDENT_OF_COURSE_TEXT_PARAMS,
  STUDENT_OF_SESSION_PARAMS,
  STUDENT_OF_SESSION_TEXT_PARAMS,
  StudentData,
} from '../student-data.ts'
import { COURSE_PARAMS, declareRoutes } from './declare-routes.ts'

export const PRIVACY_ROUTES = declareRoutes({
  'GET /api/privacy': { summary: "How long students' data is kept here", access: 'anyone', answer: Retention },
  'PATCH /api/privacy': { summary: 'Change that', access: 'owner', body: RetentionBounds, answer: Retention },
  'GET /api/privacy/erasures': {
    summary: 'What has been erased, by the retention job or by hand, newest first; it names nobody who was erased',
    access: 'owner',
    answer: Type.Array(Erasure),
  },
  'PATCH /api/courses/:course/retention': {
    summary: "How long the course keeps its students' data after its last session, within the installation's bounds",
    access: 'teacher of the course',
    token: 'none',
    params: COURSE_PARAMS,
    body: CourseRetention,
    answer: CourseRetention,
  },
  'GET /api/sessions/:session/participants/:participant/data': {
    summary: 'All that is stored about a participant',
    access: 'teacher of the session',
    params: STUDENT_OF_SESSION_PARAMS,
    answer: StudentData,
  },
  'GET /api/sessions/:session/participants/:participant/data/:lang': {
    summary: 'The same, to be read by people',
    access: 'teacher of the session',
    params: STUDENT_OF_SESSION_TEXT_PARAMS,
    answer: Type.String(),
    contentType: 'text/plain',
  },
  'POST /api/sessions/:session/participants/:participant/erasure': {
    summary: 'Put a number in the place of the name of a participant of a session that has ended; what was played stays',
    access: 'teacher of the session',
    token: 'none',
    params: STUDENT_OF_SESSION_PARAMS,
    answer: ErasedCounts,
  },
  'GET /api/courses/:course/members/:member/data': {
    summary: 'All that is stored about a member',
    access: 'staff of the course',
    params: STUDENT_OF_COURSE_PARAMS,
    answer: StudentData,
  },
  'GET /api/courses/:course/members/:member/data/:lang': {
    summary: 'The same, to be read by people',
    access: 'staff of the course',
    params: STUDENT_OF_COURSE_TEXT_PARAMS,
    answer: Type.String(),
    contentType: 'text/plain',
  },
  'POST /api/courses/:course/members/:member/erasure': {
    summary:
      'Put a number in the place of name and student number of a member, in the roster and in every session; what was played stays',
    access: 'teacher of the course',
    token: 'none',
    params: STUDENT_OF_COURSE_PARAMS,
    answer: ErasedCounts,
  },
})
