/** Whose turn it is, as one sentence for the turn bar and the title of the page. */
import type { Seat } from '../../../protocol/seat.ts'
import { peerOf } from '../../../protocol/seat.ts'
import { bitNames } from '../../../protocol/segment.ts'
import type { Place } from '../../../contract/places.ts'
import type { NowView } from '../../../protocol/round/view/seat-view.ts'
import type { Turn } from '../../../protocol/round/view/turn.ts'
import { TIMER_LABELS } from '../ladder/row-texts.ts'
import { formatCall } from '../lib/labels.ts'
import { m } from '../generated/messages.ts'
import type { OpenEvent } from './round-state.ts'

const OWN_TURNS: ReadonlySet<Turn> = new Set(['question', 'reply', 'event', 'segment', 'message', 'move', 'call'])

/** Whether the student has something to do now. */
export const isOwnTurn = (turn: Turn): boolean => OWN_TURNS.has(turn)

/** The partner's name; if the built-in partner or nobody plays the seat, the seat's, as it stands within a sentence. */
export const nameOfPeer = (place: Place | null, seat: Seat): string =>
  place?.partner?.name ?? (peerOf(seat) === 'client' ? m.peer_client() : m.peer_server())

/** `events`: what has happened at the host and may still be answered. `peer`: how the partner is called. */
export function describeTurn({ turn, app }: NowView, events: readonly OpenEvent[], peer: string): string {
  switch (turn) {
    case 'question':
      return m.turn_question()
    case 'reply':
    case 'event':
      return describeEvent(turn, events, peer)
    case 'segment':
      return m.turn_segment()
    case 'message':
      return m.turn_message()
    case 'move':
      return m.turn_move()
    case 'call':
      return app.next && 'call' in app.next ? m.turn_call({ call: formatCall(app.next.call) }) : m.turn_move()
    case 'waiting':
      return m.turn_waiting({ peer })
    case 'peer-opens':
      return m.turn_peer_opens({ peer, call: m.call_passive_open() })
    case 'sent':
      return m.turn_sent({ peer })
    case 'idle':
      return m.turn_idle({ peer })
    case 'peer-question':
      return m.turn_peer_question({ peer })
    case 'stand-in':
      return m.turn_stand_in()
    case 'paused':
      return m.turn_paused()
    case 'over':
      return m.turn_over()
  }
}

function describeEvent(turn: 'reply' | 'event', events: readonly OpenEvent[], peer: string): string {
  if (events.length > 1) return m.turn_several({ count: events.length })
  const [{ arrived = [], fired = [] } = {}] = events
  const segment = arrived.at(-1)
  if (!segment) return fired[0] ? m.turn_timer({ timer: TIMER_LABELS[fired[0]]() }) : m.turn_move()
  const what = { peer: segment.stranger ?? peer, segment: bitNames(segment.bits) || '–' }
  return turn === 'reply' ? m.turn_reply(what) : m.turn_arrived(what)
}
