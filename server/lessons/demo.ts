/** A lesson that is under way, for a first look: `npm start -- --demo`. */
import type { Lessons } from './lessons.ts'

/** A handshake, data that may be lost, and a close; twelve students, twice as fast as people. */
const DEMO = { title: 'Demo', level: 'guided', playlist: ['handshake', 'data', 'close-client'], swap: true } as const
const STUDENTS = { students: 12, speed: 2 }

/** Opens a demo for a teacher, unless one is running. */
export async function openDemo(
  lessons: Pick<Lessons, 'listSessions' | 'createSession' | 'rehearse' | 'changeSession'>,
  teacherId: string,
): Promise<void> {
  const sessions = await lessons.listSessions(teacherId)
  if (sessions.some(({ rehearsal, ended }) => rehearsal && !ended)) return
  const { id } = await lessons.createSession(teacherId, DEMO)
  await lessons.rehearse(id, STUDENTS)
  await lessons.changeSession(id, { deleted: true })
}
