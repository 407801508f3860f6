/** The teacher's rows of a ladder. A file of its own, so that students do not load it. */
import { peerOf, type Seat } from '../../../protocol/seat.ts'
import { formatNumber, type NotationContext } from '../../../protocol/notation.ts'
import type { Finding } from '../../../protocol/findings.ts'
import type { State, Tcb } from '../../../protocol/tcp/tcb.ts'
import type { Effect } from '../../../protocol/round/model/effect.ts'
import type { Entry } from '../../../protocol/round/model/entry.ts'
import type { ScriptScene, Script } from '../../../protocol/round/model/script.ts'
import { payloadLayoutOf, locateMessage as writtenAs } from '../../../protocol/round/fold/payload-layout.ts'
import type { StreamMessage } from '../../../protocol/round/model/world.ts'
import { MIN_WAIT_MS, type RowActor, type LadderRow, type LadderSegment } from '../ladder/rows.ts'

/** A teacher's ladder: the whole truth of a round, from its log, in order, from the first entry. */
export function buildRowsFromLog(entries: readonly Entry[]): LadderRow[] {
  const rows: LadderRow[] = []
  const states: { [S in Seat]?: State } = {}
  /** Every segment there has been, with the side that it comes from. */
  const segments = new Map<number, { readonly seat: Seat; readonly segment: LadderSegment }>()
  const leftAt = new Map<number, number>()
  /** How long a segment was on its way, where that was long. */
  const lived = (id: number, at: number): { readonly lived?: number } => {
    const ms = at - (leftAt.get(id) ?? at)
    return ms >= MIN_WAIT_MS ? { lived: ms } : {}
  }
  let script: Script | null = null
  let notation: NotationContext | null = null
  let scene: ScriptScene | null = null
  /** What each side has written in the scene. */
  let wrote: { [S in Seat]: readonly StreamMessage[] } = { client: [], server: [] }
  let clock = 0

  const enter = (seat: Seat, state: State) => {
    if (states[seat] === state) return
    states[seat] = state
    rows.push({ kind: 'state', seat, at: clock, state })
  }
  const opens = ({ notation: kind, scenes }: Script, number: number, tcbs: { readonly [S in Seat]: Tcb }) => {
    scene = scenes[number] ?? null
    wrote = { client: [], server: [] }
    if (scene) notation = { kind, names: scene.names, iss: scene.iss }
    enter('client', tcbs.client.state)
    enter('server', tcbs.server.state)
  }
  const format = (value: number, field: 'seq' | 'ack', seat: Seat) =>
    notation ? formatNumber(value, notation, field, seat) : String(value)
  const written = (effect: Extract<Effect, { kind: 'left' | 'injected' }>, seat: Seat): LadderSegment => {
    const { id, stranger, segment: of } = effect
    const ack = of.ack === null ? null : format(of.ack, 'ack', seat)
    const pieces = scene && effect.kind === 'left' && stranger === undefined ? payloadLayoutOf(scene, wrote[seat], seat, of) : []
    const segment: LadderSegment = {
      id,
      bits: of.bits,
      seq: format(of.seq, 'seq', seat),
      ack,
      length: of.length,
      window: of.window,
      ...(stranger === undefined ? {} : { stranger }),
      ...(pieces.length > 0 ? { payload: pieces } : {}),
      ...(effect.kind === 'injected' && effect.as !== 'stranger' ? { as: effect.as } : {}),
    }
    segments.set(id, { seat, segment })
    return segment
  }
  const want = ({ field, want: value }: Finding, seat: Seat) => {
    if (value === null) return null
    return typeof value === 'number' && (field === 'seq' || field === 'ack') ? format(value, field, seat) : String(value)
  }

  for (const { actor, action, verdict, effects } of entries) {
    const useless = verdict.findings.some(({ kind }) => kind === 'remark')
    let by: RowActor = 'seat'

    if (action.kind !== 'control' && action.kind !== 'wire' && (actor === 'client' || actor === 'server')) {
      const base = { seat: actor, at: clock }
      if (verdict.outcome === 'refused') {
        const faults = verdict.findings.map((finding) => ({ field: finding.field, want: want(finding, actor) }))
        rows.push({ ...base, kind: 'refused', act: action, faults })
      } else if (verdict.outcome === 'accepted' && action.kind === 'discard') rows.push({ ...base, kind: 'discarded' })
    }

    for (const effect of effects) {
      switch (effect.kind) {
        case 'begun':
          script = effect.script
          opens(script, 0, effect.tcbs)
          break
        case 'scene':
          rows.push({ kind: 'scene', at: clock, number: effect.scene + 1 })
          delete states.client
          delete states.server
          if (script) opens(script, effect.scene, effect.tcbs)
          break
        case 'clock':
          if (effect.now - clock >= MIN_WAIT_MS) rows.push({ kind: 'clock', at: effect.now, elapsedMs: effect.now - clock })
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
        case 'wrote': {
          const end = (wrote[effect.seat].at(-1)?.end ?? 0) + effect.octets.length / 2
          wrote = { ...wrote, [effect.seat]: [...wrote[effect.seat], writtenAs(effect, end)] }
          break
        }
        case 'left': {
          const { from: seat, at } = effect
          leftAt.set(effect.id, at)
          rows.push({ kind: 'sent', seat, at, segment: written(effect, seat), by, useless })
          break
        }
        case 'injected':
          written(effect, peerOf(effect.to))
          break
        case 'copied': {
          const { seat, segment } = segments.get(effect.of)!
          segments.set(effect.id, { seat, segment: { ...segment, id: effect.id, as: 'copy' } })
          break
        }
        case 'arrived':
          rows.push({
            kind: 'arrived',
            seat: effect.to,
            at: effect.at,
            segment: segments.get(effect.id)!.segment,
            ...lived(effect.id, effect.at),
          })
          break
        case 'lost':
          rows.push({ kind: 'lost', ...segments.get(effect.id)!, at: effect.at, why: effect.why, ...lived(effect.id, effect.at) })
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
