/**
 * The state diagram of RFC 9293 3.3.2, figure 5, as places and labelled arrows. The figure leaves out what the text adds; so does this one,
 * except for the arrow from FIN-WAIT-1 to TIME-WAIT, which a FIN takes that acknowledges one's own FIN (3.10.7.4, eighth).
 */
import type { State } from '../../../protocol/tcp/states.ts'

export interface Transition {
  readonly from: State
  readonly to: State
  /** What makes it happen, as the RFC's figure writes it. */
  readonly on: string
  /** What is sent then; null if nothing is. */
  readonly sends: string | null
  /** The corners of its line, from its beginning to its tip, as an SVG polyline takes them. */
  readonly points: string
  /** Where its label begins, ends or has its middle. */
  readonly label: readonly [x: number, y: number, anchor: 'start' | 'middle' | 'end']
}

export const WIDTH = 760
export const HEIGHT = 640
/** The size of a state's box. */
export const BOX = { width: 136, height: 34 }

/** The centres of the boxes. CLOSED is drawn at both ends, as in the RFC. */
export const PLACES: readonly { readonly state: State; readonly x: number; readonly y: number }[] = [
  { state: 'CLOSED', x: 380, y: 24 },
  { state: 'LISTEN', x: 380, y: 114 },
  { state: 'SYN-RECEIVED', x: 130, y: 204 },
  { state: 'SYN-SENT', x: 630, y: 204 },
  { state: 'ESTABLISHED', x: 380, y: 294 },
  { state: 'FIN-WAIT-1', x: 130, y: 394 },
  { state: 'CLOSE-WAIT', x: 630, y: 394 },
  { state: 'FIN-WAIT-2', x: 130, y: 504 },
  { state: 'CLOSING', x: 380, y: 504 },
  { state: 'LAST-ACK', x: 630, y: 504 },
  { state: 'TIME-WAIT', x: 380, y: 610 },
  { state: 'CLOSED', x: 630, y: 610 },
]

type Row = readonly [from: State, to: State, on: string, sends: string | null, points: string, label: Transition['label']]

// prettier-ignore
const ROWS: readonly Row[] = [
  ['CLOSED', 'LISTEN', 'passive OPEN', null, '380,41 380,97', [372, 73, 'end']],
  ['CLOSED', 'SYN-SENT', 'active OPEN', 'SYN', '448,24 630,24 630,187', [622, 90, 'end']],
  ['LISTEN', 'SYN-RECEIVED', 'rcv SYN', 'SYN,ACK', '312,114 130,114 130,187', [140, 142, 'start']],
  ['LISTEN', 'SYN-SENT', 'SEND', 'SYN', '448,114 580,187', [492, 166, 'end']],
  ['SYN-SENT', 'SYN-RECEIVED', 'rcv SYN', 'SYN,ACK', '562,204 198,204', [330, 182, 'middle']],
  ['SYN-SENT', 'ESTABLISHED', 'rcv SYN,ACK', 'ACK', '630,221 448,286', [566, 262, 'start']],
  ['SYN-RECEIVED', 'ESTABLISHED', 'rcv ACK of SYN', null, '150,221 312,286', [236, 246, 'start']],
  ['SYN-RECEIVED', 'FIN-WAIT-1', 'CLOSE', 'FIN', '110,221 110,377', [102, 300, 'end']],
  ['ESTABLISHED', 'FIN-WAIT-1', 'CLOSE', 'FIN', '330,311 170,377', [240, 322, 'end']],
  ['ESTABLISHED', 'CLOSE-WAIT', 'rcv FIN', 'ACK', '430,311 590,377', [522, 322, 'start']],
  ['FIN-WAIT-1', 'FIN-WAIT-2', 'rcv ACK of FIN', null, '110,411 110,487', [102, 454, 'end']],
  ['FIN-WAIT-1', 'CLOSING', 'rcv FIN', 'ACK', '190,411 350,487', [290, 434, 'start']],
  ['FIN-WAIT-1', 'TIME-WAIT', 'rcv FIN,ACK of FIN', 'ACK', '180,411 215,450 215,600 312,600', [223, 560, 'start']],
  ['FIN-WAIT-2', 'TIME-WAIT', 'rcv FIN', 'ACK', '130,521 130,618 312,618', [122, 574, 'end']],
  ['CLOSING', 'TIME-WAIT', 'rcv ACK of FIN', null, '400,521 400,593', [408, 560, 'start']],
  ['CLOSE-WAIT', 'LAST-ACK', 'CLOSE', 'FIN', '630,411 630,487', [638, 454, 'start']],
  ['LAST-ACK', 'CLOSED', 'rcv ACK of FIN', null, '630,521 630,593', [638, 560, 'start']],
  ['TIME-WAIT', 'CLOSED', '2MSL', null, '448,610 562,610', [505, 602, 'middle']],
]

export const TRANSITIONS: readonly Transition[] = ROWS.map(([from, to, on, sends, points, label]) => ({
  from,
  to,
  on,
  sends,
  points,
  label,
}))

/** The arrows that a host has taken, given its states in order, each time it entered one. */
export function listTaken(states: readonly State[]): readonly Transition[] {
  const steps = states.slice(1).map((to, i) => [states[i], to] as const)
  return TRANSITIONS.filter(({ from, to }) => steps.some((step) => step[0] === from && step[1] === to))
}
