/** The grade book of a course. Each route that changes it answers with it whole. */
import { Type } from 'typebox'
import {
  AcceptRegrade,
  ContestDecision,
  Contests,
  Excuse,
  GradeBook,
  GradeHistory,
  GradeReasons,
  NewContest,
  Override,
  OwnGrade,
  RegradePreview,
  Release,
  Remark,
  SchemeChange,
  WeightChange,
} from '../grades.ts'
import { Id } from '../schema-parts.ts'
import { COURSE_PARAMS, declareRoutes, ROUND_PARAMS } from './declare-routes.ts'

export const GRADE_ROUTES = declareRoutes({
  'GET /api/courses/:course/grades': {
    summary: 'The grade book: members, sessions and exercises, with shares of the maximum',
    access: 'staff of the course',
    params: COURSE_PARAMS,
    answer: GradeBook,
  },
  'GET /api/courses/:course/grades/history': {
    summary: 'Every change of a grade: who, when, from what to what, and why; newest first',
    access: 'staff of the course',
    params: COURSE_PARAMS,
    answer: GradeHistory,
  },
  'GET /api/courses/:course/grades/members/:member/sessions/:session': {
    summary: "Why a member has a session's grade: rounds, what each step has cost, and the changes",
    access: 'staff of the course',
    params: Type.Object({ course: Id, member: Id, session: Id }),
    answer: GradeReasons,
  },
  'POST /api/courses/:course/grades/scheme': {
    summary: 'Change how points become grades',
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    body: SchemeChange,
    answer: GradeBook,
  },
  'POST /api/courses/:course/grades/weights': {
    summary: 'Change how much a session counts, or an exercise in it',
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    body: WeightChange,
    answer: GradeBook,
  },
  'POST /api/courses/:course/grades/overrides': {
    summary: 'Put another grade in the place of a computed one, or take it away again',
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    body: Override,
    answer: GradeBook,
  },
  'POST /api/courses/:course/grades/excuses': {
    summary: 'Leave a grade out of what it would count in, or let it count again',
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    body: Excuse,
    answer: GradeBook,
  },
  'POST /api/courses/:course/grades/remarks': {
    summary: 'A remark for the staff on a member, or on their session',
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    body: Remark,
    answer: GradeBook,
  },
  'POST /api/courses/:course/grades/releases': {
    summary: "Show a session's grades to its members, or hide them again",
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    body: Release,
    answer: GradeBook,
  },
  'GET /api/courses/:course/grades/contests': {
    summary: 'What members contest: open ones first, then newest first',
    access: 'staff of the course',
    params: COURSE_PARAMS,
    answer: Contests,
  },
  'POST /api/courses/:course/grades/contests/:contest': {
    summary: 'Decide a contest, for one member or for everybody to whom the same was charged',
    access: 'teacher of the course',
    params: Type.Object({ course: Id, contest: Type.Integer({ minimum: 1 }) }),
    body: ContestDecision,
    answer: Contests,
  },
  'GET /api/courses/:course/grades/regrade': {
    summary: "What today's rules give for the rounds played, where that is something else; changes nothing",
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    answer: RegradePreview,
  },
  'POST /api/courses/:course/grades/regrade': {
    summary: "Let what today's rules give count for these rounds",
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    body: AcceptRegrade,
    answer: GradeBook,
  },
  'GET /api/rounds/:round/grade': {
    summary: 'What each step of my finished round has cost, and the grade of its session once released',
    access: 'seat of the round',
    params: ROUND_PARAMS,
    answer: OwnGrade,
  },
  'POST /api/rounds/:round/contests': {
    summary: 'Contest what a step of my finished round has cost, as a member of its course',
    access: 'seat of the round',
    params: ROUND_PARAMS,
    body: NewContest,
    answer: OwnGrade,
  },
})
