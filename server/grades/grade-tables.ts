/** The grade book as tables for other programs. Pure. Grades are percentages with two decimals, so that each column has a maximum of 100. */
import type { BookMember, BookSession, GradeBook } from '../../contract/grades.ts'

type Cell = string | number | null
type Table = readonly (readonly Cell[])[]

/** Everything: a row for each member, a column for each exercise, session, and the total. */
export function tabulateBook({ sessions, members }: GradeBook): Table {
  const header = sessions.flatMap(({ title, exercises }) => [
    ...exercises.flatMap(({ id }, i) => [`${title}: ${i + 1} ${id} %`]),
    `${title} %`,
  ])
  const rows = members.map(({ number, name, email, group, total, sessions: cells }) => [
    ...[number, name, email, group],
    ...cells.flatMap((cell) => [...cell.exercises.map(({ share }) => toPercent(share)), toPercent(cell.share)]),
    toPercent(total),
  ])
  return [['number', 'name', 'email', 'group', ...header, 'total %'], ...rows]
}

/**
 * For Moodle's import of grades from CSV (https://docs.moodle.org/405/en/Grade_import): columns are mapped by the teacher, users by "ID
 * number" or "Email address", which are named as in Moodle's own export. An empty cell leaves a grade as it is.
 */
export function tabulateForMoodle({ sessions, members }: GradeBook): Table {
  const titles = nameColumns(sessions)
  return [
    ['ID number', 'Email address', 'Name', ...titles, 'Course total'],
    ...onRoster(members).map(({ number, email, name, total, sessions: cells }) => [
      ...[number, email, name],
      ...cells.map(({ share }) => toPercent(share)),
      toPercent(total),
    ]),
  ]
}

/**
 * For Canvas' import into its gradebook: "Student", "ID", "SIS User ID", "SIS Login ID" and "Section" stand before the assignments, and the
 * row below the header gives the points possible. Of the first three one is enough: "SIS User ID" is the student number. A column whose name
 * no assignment has becomes a new assignment; a grade in the file replaces the one in Canvas. Canvas computes a total of its own.
 * (https://teaching.resources.osu.edu/toolsets/carmencanvas/guides/calculating-final-grades/import-csv-file-carmen-grades)
 */
export function tabulateForCanvas({ sessions, members }: GradeBook): Table {
  return [
    ['Student', 'ID', 'SIS User ID', 'SIS Login ID', 'Section', ...nameColumns(sessions)],
    ['Points Possible', null, null, null, null, ...sessions.map(() => 100)],
    ...onRoster(members).map(({ number, name, group, sessions: cells }) => [
      ...[name, null, number, null, group],
      ...cells.map(({ share }) => toPercent(share)),
    ]),
  ]
}

const onRoster = (members: readonly BookMember[]) => members.filter(({ removed }) => !removed)

/** The titles of the sessions; those that are not alone in having theirs, with their codes. */
const nameColumns = (sessions: readonly Pick<BookSession, 'title' | 'code'>[]): string[] =>
  sessions.map(({ title, code }) => (sessions.filter((each) => each.title === title).length > 1 ? `${title} (${code})` : title))

const toPercent = (share: number | null): number | null => (share === null ? null : Math.round(share * 10_000) / 100)
