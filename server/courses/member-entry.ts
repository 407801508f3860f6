/**
 * How a course's members enter its sessions: by personal link, or by code and student number. A member is on one device at a time:
 * a second one asks first; then the first is told, and asleep until it goes on.
 */
import type { MemberHome } from '../../contract/courses.ts'
import { ApiError } from '../base/api-error.ts'
import { newId } from '../base/ids.ts'
import type { Member, Participant, PrismaClient, Session } from '../generated/prisma/client.ts'
import type { ParticipantPrincipal } from '../identity/auth.ts'
import { formatNumberedName, toDisplayNames } from '../lessons/display-names.ts'
import { findFreeName, skeletonOf } from '../lessons/names.ts'
import type { LessonNotifier } from '../lessons/notifier.ts'
import { sessionEndedError } from '../lessons/session-rows.ts'
import type { Presence } from '../nodes/presence.ts'
import { normalizeNumber } from './member-fields.ts'

/** A member in a session, and the device that is awake from now on. */
export interface EnteredMember {
  readonly id: string
  readonly name: string
  readonly session: string
  readonly device: string
}

/** What a device brings along when it enters. */
export interface EnteringDevice {
  /** As whom it has joined before, by its cookies. */
  readonly held: readonly ParticipantPrincipal[]
  /** Whether to go on here although the member is there on another device. */
  readonly takeOver: boolean
}

/** Entering sessions as a member. */
export interface MemberEntry {
  /** How often this member's links have been revoked; null if there is no such member, or they have been removed. */
  readRevoked(memberId: string): Promise<number | null>
  /** The member's name, course and open sessions. Rejects with `not-found`. */
  readMemberHome(memberId: string): Promise<MemberHome>
  /**
   * Rejects with `not-found`, `session-ended`, `door-locked` for somebody new, and `other-device` if the member is there on another
   * device and does not take over.
   */
  enterSession(memberId: string, sessionId: string, device: EnteringDevice): Promise<EnteredMember>
  /** The member who has this number in the session's course. Rejects with `unknown-number`. */
  findMemberByNumber(sessionId: string, number: string): Promise<string>
  /** Makes the device that asks the one that is awake. Rejects with `not-found`. */
  wakeDevice(participantId: string): Promise<EnteredMember>
}

export interface MemberEntryDeps {
  readonly prisma: PrismaClient
  readonly notifier: Pick<LessonNotifier, 'participantsChanged' | 'placesChanged'>
  readonly presence: Pick<Presence, 'isPresent'>
  readonly now: () => Date
}

export function createMemberEntry({ prisma, notifier, presence, now }: MemberEntryDeps): MemberEntry {
  const requireMember = async (id: string): Promise<Member> => {
    const member = await prisma.member.findUnique({ where: { id, removedAt: null } })
    if (!member) throw new ApiError('not-found', 'There is no such member.')
    return member
  }

  /** The participant who is this member in the session; a new one on the first time. */
  const ensureParticipant = async (session: Session, member: Member): Promise<Participant> => {
    const where = { sessionId_memberId: { sessionId: session.id, memberId: member.id } }
    const known = await prisma.participant.findUnique({ where })
    if (known) return known
    if (session.lockedAt) throw new ApiError('door-locked', 'The teacher lets nobody new join.')
    const classmates = await prisma.member.findMany({ where: { courseId: member.courseId, removedAt: null } })
    const displayName = toDisplayNames(classmates)[classmates.findIndex(({ id }) => id === member.id)] ?? member.name
    // Names look different within a session: where a name was changed during the term, the number makes it so.
    for (let name = displayName; ;) {
      const row = { sessionId: session.id, memberId: member.id, name, skeleton: skeletonOf(name), createdAt: now() }
      await prisma.participant.createMany({ data: [{ ...row, id: newId() }], skipDuplicates: true })
      const participant = await prisma.participant.findUnique({ where })
      if (participant) return participant
      const numbered = formatNumberedName(member)
      name = name === numbered ? await findFreeName(numbered, (skeletons) => findTaken(session.id, skeletons)) : numbered
    }
  }

  const findTaken = async (sessionId: string, skeletons: readonly string[]) => {
    const where = { sessionId, skeleton: { in: [...skeletons] } }
    return new Set((await prisma.participant.findMany({ where, select: { skeleton: true } })).map(({ skeleton }) => skeleton))
  }

  /** Gives the participant a new device; one whom the teacher has removed is there again. */
  const changeDevice = async ({ id, sessionId, name, removedAt }: Participant): Promise<EnteredMember> => {
    const device = newId()
    const back = removedAt ? { removedAt: null, skeleton: skeletonOf(name) } : {}
    await prisma.participant.update({ where: { id }, data: { device, ...back } })
    notifier.placesChanged([id])
    notifier.participantsChanged(sessionId)
    return { id, name, session: sessionId, device }
  }

  return {
    async readRevoked(id) {
      const member = await prisma.member.findUnique({ where: { id, removedAt: null }, select: { revoked: true } })
      return member?.revoked ?? null
    },

    async readMemberHome(memberId) {
      const { name, number, courseId } = await requireMember(memberId)
      const course = await prisma.course.findUniqueOrThrow({
        where: { id: courseId },
        include: {
          sessions: {
            where: { kind: 'roster', endedAt: null, deletedAt: null, archivedAt: null },
            orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
          },
        },
      })
      return { name, number, course: course.title, sessions: course.sessions.map(({ id, title }) => ({ id, title })) }
    },

    async enterSession(memberId, sessionId, { held, takeOver }) {
      const member = await requireMember(memberId)
      const session = await prisma.session.findUnique({ where: { id: sessionId } })
      if (session?.courseId !== member.courseId || session.kind === 'open' || session.deletedAt)
        throw new ApiError('not-found', 'The course has no such session for its members.')
      if (session.endedAt) throw sessionEndedError()
      const participant = await ensureParticipant(session, member)
      const { id, name, device } = participant
      const isAwakeHere = device !== null && held.some((each) => each.id === id && each.device === device)
      if (isAwakeHere && !participant.removedAt) return { id, name, session: sessionId, device }
      if (presence.isPresent(id) && !isAwakeHere && !takeOver)
        throw new ApiError('other-device', 'This member is there on another device.')
      return changeDevice(participant)
    },

    async findMemberByNumber(sessionId, typed) {
      const session = await prisma.session.findUniqueOrThrow({ where: { id: sessionId } })
      const number = normalizeNumber(typed)
      const member =
        session.courseId !== null &&
        session.kind !== 'open' &&
        (await prisma.member.findFirst({ where: { courseId: session.courseId, number, removedAt: null } }))
      if (!member) throw new ApiError('unknown-number', 'The code and the number do not fit together.')
      return member.id
    },

    async wakeDevice(participantId) {
      const participant = await prisma.participant.findFirst({
        where: { id: participantId, removedAt: null, memberId: { not: null } },
      })
      if (!participant) throw new ApiError('not-found', 'There is no such member here.')
      return changeDevice(participant)
    },
  }
}
