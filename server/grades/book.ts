/** The grade book as the staff reads it. Pure, but for the titles of exercises. */
import type { BookMember, BookSession, ExerciseCell, GradeBook, SessionCell } from '../../contract/grades.ts'
import type { Library } from '../lessons/library.ts'
import { playlistOf } from '../lessons/session-rows.ts'
import type { ExerciseGrade, GradePlace, MemberGrades, SessionGrade } from './compute-grades.ts'
import { gradeCourse, type CourseData } from './course-data.ts'

/** Makes the book of a course. `mayChange`: whether the reader may change grades. */
export async function makeBook(data: CourseData, mayChange: boolean, library: Pick<Library, 'findNewest'>): Promise<GradeBook> {
  const { course, standing, members } = data
  const grades = gradeCourse(data)
  const open = standing.contests.filter(({ status }) => status === 'open')
  const contested = new Set(open.flatMap(({ member, session, position }) => [keyOf({ member, session, position })]))
  return {
    course: { id: course.id, title: course.title, language: course.language === 'zh' ? 'zh' : 'en' },
    mayChange,
    scheme: standing.scheme,
    sessions: await describeSessions(data, library),
    members: members.map((member, i): BookMember => {
      const { total, sessions } = grades[i] as MemberGrades
      return {
        id: member.id,
        number: member.number,
        name: member.name,
        email: member.email,
        group: member.group,
        removed: member.removedAt !== null,
        remark: standing.remarkOn(member.id, null),
        total,
        sessions: sessions.map((grade, at) =>
          toSessionCell(grade, (position) =>
            contested.has(keyOf({ member: member.id, session: data.sessions[at]?.id ?? '', position })),
          ),
        ),
      }
    }),
    openContests: open.length,
  }
}

const keyOf = ({ member, session, position }: GradePlace) => `${member} ${session} ${position}`

function describeSessions({ sessions, standing }: CourseData, library: Pick<Library, 'findNewest'>): Promise<BookSession[]> {
  return Promise.all(
    sessions.map(async (session) => ({
      id: session.id,
      title: session.title,
      code: session.code,
      kind: session.kind as BookSession['kind'],
      createdAt: session.createdAt.toISOString(),
      ended: session.endedAt !== null,
      released: session.releasedAt !== null,
      weight: standing.weightOf(session.id, null),
      exercises: await Promise.all(
        playlistOf(session).map(async (id, position) => ({
          id,
          title: (await library.findNewest(id))?.title ?? null,
          weight: standing.weightOf(session.id, position),
        })),
      ),
    })),
  )
}

/** A session's grade as a cell. `isContested`: whether a contest at this place of the playlist is open. */
function toSessionCell(grade: SessionGrade, isContested: (position: number) => boolean): SessionCell {
  const exercises = grade.exercises.map((each, position): ExerciseCell => {
    const { client, server } = each.seats
    const seats = { client: client?.share ?? null, server: server?.share ?? null }
    return { ...toCell(each), ...(isContested(position) ? { contested: true } : {}), seats }
  })
  return {
    ...toCell(grade),
    ...(exercises.some(({ contested }) => contested) ? { contested: true } : {}),
    ...(grade.isDropped ? { dropped: true } : {}),
    exercises,
  }
}

/** What cells have in common. */
export const toCell = ({
  share,
  isOverridden,
  isExcused,
  isMissed,
}: Omit<ExerciseGrade, 'seats'>): Omit<ExerciseCell, 'seats'> => ({
  share,
  ...(isOverridden ? { overridden: true } : {}),
  ...(isExcused ? { excused: true } : {}),
  ...(isMissed ? { missed: true } : {}),
})
