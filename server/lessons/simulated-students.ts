/** How the students of a rehearsal play, whom a program plays. */
import { randomInt } from 'node:crypto'
import type { Script, SimulatedStudent } from '../../protocol/round/model/script.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { SEATS } from '../../protocol/seat.ts'
import type { Prisma, Round, Session } from '../generated/prisma/client.ts'

/** `Session.rehearsal`: how many times as fast as people the students are, on average. */
export interface RehearsalSettings {
  readonly speed: number
}

/** Of the most careful and of the most careless student. */
const MISTAKES = [0.05, 0.55] as const
/** Of the slowest and of the fastest student, as multiples of the session's speed. */
const PACES = [0.5, 1.5] as const

/** How a simulated student plays in a new round of this session: with the same skill in every round. */
function simulateStudent(participantId: string, session: Session): SimulatedStudent {
  const { speed } = session.rehearsal as Prisma.JsonObject & RehearsalSettings
  const skill = seededRandom(Buffer.from(participantId, 'base64url').readUInt32LE())
  const between = ([least, most]: readonly [number, number]) => least + (most - least) * skill()
  return { seed: randomInt(2 ** 32), mistakes: between(MISTAKES), speed: speed * between(PACES) }
}

/** The seats of a new round that a program plays; `simulated`: the ids of the session's simulated students. */
export function simulatedSeats(round: Round, session: Session, simulated: ReadonlySet<string>): NonNullable<Script['simulated']> {
  const ids = { client: round.clientId, server: round.serverId }
  return Object.fromEntries(
    SEATS.filter((seat) => simulated.has(ids[seat])).map((seat) => [seat, simulateStudent(ids[seat], session)]),
  )
}
