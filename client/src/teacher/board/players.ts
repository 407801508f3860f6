/** Who plays what in a pair's round. */
import type { Tile } from '../../../../contract/answers.ts'
import { SEATS, type Seat } from '../../../../protocol/seat.ts'
import { formatPlayer } from '../../lib/labels.ts'
import { m } from '../../generated/messages.ts'

export interface BoardPlayer {
  /** Null before the first round, and for whoever has the wire. */
  readonly seat: Seat | null
  readonly id: string
  readonly name: string
}

/** The members of a pair: in a round the client, the server, and who has the wire, or will have it in the next round. */
export function listPlayers({ round, members }: Tile): BoardPlayer[] {
  if (!round) return members.map(({ id, name }) => ({ seat: null, id, name: formatPlayer(name) }))
  const nameOf = (id: string) => {
    const member = members.find((each) => each.id === id)
    return member ? formatPlayer(member.name) : id
  }
  const hosts = SEATS.map((seat) => ({ seat, id: round[seat], name: nameOf(round[seat]) }))
  const seated = [round.client, round.server, round.network]
  const third = members.find(({ id }) => !seated.includes(id))
  if (third) return [...hosts, { seat: null, id: third.id, name: m.people_joins_next({ name: formatPlayer(third.name) }) }]
  if (round.network === null) return hosts
  return [...hosts, { seat: null, id: round.network, name: `${nameOf(round.network)} · ${m.teach_on_the_wire()}` }]
}
