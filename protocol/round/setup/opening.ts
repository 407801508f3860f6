/** The opening position of a scene: the TCBs of its hosts. */
import { add } from '../../seq.ts'
import { peerOf, type Seat } from '../../seat.ts'
import { createEstablishedTcb, createTcb, returnToListen, type Tcb } from '../../tcp/tcb.ts'
import type { Options } from '../../segment.ts'
import type { ScriptScene } from '../model/script.ts'

/** Default receive buffer of a host, in octets: the largest value of the header's window field without window scaling. */
const RECEIVE_BUFFER_OCTETS = 65_535

/** What every host announces in its SYN: the MSS of Ethernet (RFC 9293 3.7.1), 1500 octets less the headers of IP and TCP. */
export const ANNOUNCED_OPTIONS: Options = { mss: 1460 }

/** The TCBs of both hosts when the scene opens. */
export const openingTcbsOf = (scene: ScriptScene): { readonly [S in Seat]: Tcb } => ({
  client: openingTcbOf(scene, 'client'),
  server: openingTcbOf(scene, 'server'),
})

function openingTcbOf({ opening, iss, earlier, reads: read }: ScriptScene, seat: Seat): Tcb {
  const reads = read?.[seat] ?? 'at-once'
  const peer = peerOf(seat)
  const { state, sent = 0, buffer = RECEIVE_BUFFER_OCTETS, with: incarnation } = opening[seat]
  switch (state) {
    case 'CLOSED':
      return createTcb(iss[seat], buffer, reads)
    case 'LISTEN':
      return returnToListen(createTcb(iss[seat], buffer, reads))
    case 'ESTABLISHED': {
      const opened = seat === 'client' ? 'active' : 'passive'
      const numbers = incarnation === 'earlier' ? earlier : iss
      const windows = { sndWnd: opening[peer].buffer ?? RECEIVE_BUFFER_OCTETS, rcvWnd: buffer }
      const tcb = {
        ...createEstablishedTcb({ iss: numbers[seat], irs: numbers[peer], ...windows, opened, reads }),
        offers: ANNOUNCED_OPTIONS,
        peerOffers: ANNOUNCED_OPTIONS,
        iss: iss[seat], // for the next SYN, in case the host opens another connection
      }
      const nxt = add(tcb.snd.nxt, sent)
      const rcv = add(tcb.rcv.nxt, opening[peer].sent ?? 0)
      return { ...tcb, snd: { ...tcb.snd, una: nxt, nxt, wl1: rcv, wl2: nxt }, rcv: { ...tcb.rcv, nxt: rcv } }
    }
  }
}
