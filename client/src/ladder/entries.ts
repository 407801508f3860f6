/** The teacher's rows of a ladder. A file of its own, so that students do not load it. */
import { formatNumber, type NotationContext } from '../../../protocol/notation.ts'
import type { Finding } from '../../../protocol/tcp/findings.ts'
import type { State, Tcb } from '../../../protocol/tcp/tcb.ts'
import type { Entry } from '../../../protocol/world/action.ts'
import type { Seat } from '../../../protocol/world/exercise.ts'
import type { Script } from '../../../protocol/world/script.ts'
import { SHORTEST_WAIT, type Doer, type LadderRow, type LadderSegment } from './rows.ts'

/** A teacher's ladder: the whole truth of a round, from its log, in order, from the first entry. */
export function rowsFromEntries(entries: readonly Entry[]): LadderRow[] {
  const rows: LadderRow[] = []
  const states: { [S in Seat]?: State } = {}
  const segments = new Map<number, LadderSegment>()
  let script: Script | null = null
  let notation: NotationContext | null = null
  let clock = 0

  const enter = (seat: Seat, state: State) => {
    if (states[seat] === state) return
    states[seat] = state
    rows.push({ kind: 'state', seat, at: clock, state })
  }
  const opens = ({ notation: kind, scenes }: Script, scene: number, tcbs: { readonly [S in Seat]: Tcb }) => {
    const drawn = scenes[scene]
    if (drawn) notation = { kind, names: drawn.names, iss: drawn.iss }
    enter('client', tcbs.client.state)
    enter('server', tcbs.server.state)
  }
  const format = (value: number, field: 'seq' | 'ack', seat: Seat) =>
    notation ? formatNumber(value, notation, field, seat) : String(value)
  const want = ({ field, want: value }: Finding, seat: Seat) => {
    if (value === null) return null
    return typeof value === 'number' && (field === 'seq' || field === 'ack') ? format(value, field, seat) : String(value)
  }

  for (const { actor, action, verdict, effects } of entries) {
    const useless = verdict.findings.some(({ kind }) => kind === 'remark')
    let by: Doer = 'seat'

    if (action.type !== 'control' && action.type !== 'wire' && (actor === 'client' || actor === 'server')) {
      const base = { seat: actor, at: clock }
      if (verdict.outcome === 'refused') {
        const faults = verdict.findings.map((finding) => ({ field: finding.field, want: want(finding, actor) }))
        rows.push({ ...base, kind: 'refused', act: action, faults })
      } else if (verdict.outcome === 'accepted' && action.type === 'discard') rows.push({ ...base, kind: 'discarded' })
    }

    for (const effect of effects) {
      switch (effect.is) {
        case 'begun':
          script = effect.script
          opens(script, 0, effect.tcbs)
          break
        case 'scene':
          if (script) opens(script, effect.scene, effect.tcbs)
          break
        case 'clock':
          if (effect.now - clock >= SHORTEST_WAIT) rows.push({ kind: 'clock', at: effect.now, elapsed: effect.now - clock })
          clock = effect.now
          break
        case 'invigilated':
          by = 'invigilator'
          break
        case 'fired':
          rows.push({ kind: 'fired', seat: effect.seat, at: clock, timer: effect.timer })
          break
        case 'called':
          rows.push({ kind: 'called', seat: effect.seat, at: clock, call: effect.call, by: effect.by === 'seat' ? by : 'exercise' })
          break
        case 'left': {
          const { id, from: seat, at, segment } = effect
          const { bits, length } = segment
          const ack = segment.ack === null ? null : format(segment.ack, 'ack', seat)
          segments.set(id, { id, bits, seq: format(segment.seq, 'seq', seat), ack, length })
          rows.push({ kind: 'sent', seat, at, segment: segments.get(id)!, by, useless })
          break
        }
        case 'arrived':
          rows.push({ kind: 'arrived', seat: effect.to, at: effect.at, segment: segments.get(effect.id)! })
          break
        case 'tcb':
          if (effect.set.state) enter(effect.seat, effect.set.state)
          break
        default: // nothing that a host would see
      }
    }
  }
  return rows
}
