/** Describes a round as text: one line per event, with numbers in the round's notation. */
import type { UserCall } from '../protocol/tcp/user-calls.ts'
import { peerOf, type Seat } from '../protocol/seat.ts'
import { formatNumber } from '../protocol/notation.ts'
import { bitNames } from '../protocol/segment.ts'
import { decodeUtf8, fromHex } from '../protocol/octets.ts'
import { CONTENT_TYPE } from '../protocol/tls/format/codec.ts'
import type { EavesdropResult } from '../protocol/tls/watch/eavesdrop.ts'
import type { Entry } from '../protocol/round/model/entry.ts'
import type { FoldableEntry } from '../protocol/round/fold/reducer.ts'
import { type Moment, readTimeline } from '../protocol/round/fold/timeline.ts'
import { type Lang } from '../protocol/round/model/exercise.ts'
import type { InFlightSegment, World } from '../protocol/round/model/world.ts'
import { notationOf, sceneOf } from '../protocol/round/fold/current-scene.ts'

const LABELS = {
  en: {
    calls: 'calls',
    writes: 'writes',
    reads: 'reads',
    octets: 'octets',
    says: 'is now in',
    discards: 'discards what arrived',
    answers: 'answers the question',
    refused: 'refused',
    lost: 'lost',
    lostAt: 'lost at',
    copied: 'doubled on the wire',
    held: 'held on the wire',
    stale: 'old duplicate',
    forged: 'forged',
    planted: 'planted mistake',
    stranger: 'stranger',
    timer: 'timer goes off:',
    scene: 'scene',
    notTcp: 'this is not TCP',
    notTls: 'this is not TLS',
    eavesdropper: 'eavesdropper',
    leaked: 'with the leaked private key of the',
    fails: 'fails',
    lacks: 'lacks',
    over: 'over',
    open: 'open:',
  },
  zh: {
    calls: '调用',
    writes: '写出',
    reads: '读到',
    octets: '字节',
    says: '现在处于',
    discards: '丢弃到达的报文段',
    answers: '回答问题',
    refused: '被拒绝',
    lost: '丢失',
    lostAt: '丢失于',
    copied: '在链路上被复制',
    held: '滞留在链路上',
    stale: '已失效的报文段',
    forged: '伪造的报文段',
    planted: '故意植入的错误',
    stranger: '陌生主机',
    timer: '计时器到时：',
    scene: '场景',
    notTcp: '这不是 TCP',
    notTls: '这不是 TLS',
    eavesdropper: '窃听者',
    leaked: '拿到泄漏的私钥：',
    fails: '失败',
    lacks: '还缺',
    over: '结束',
    open: '连接：',
  },
} as const satisfies { readonly [L in Lang]: { readonly [label: string]: string } }

/** The lines that describe a log, whose entries start with the first. Times are world ms. */
export function describeRound(entries: readonly (FoldableEntry & Pick<Entry, 'verdict'>)[], lang: Lang): string[] {
  const labels = LABELS[lang]
  return readTimeline(entries).flatMap(({ entry, before, moments }) => [
    ...formatLine(before?.clock ?? 0, describeAct(entry)),
    ...moments.flatMap((moment) => formatLine(moment.after.clock, describeMoment(moment))),
  ])

  function describeAct({ actor, action, verdict }: Pick<Entry, 'actor' | 'action' | 'verdict'>): string | null {
    if (verdict.outcome === 'refused') {
      const faults = verdict.findings.map(({ field, rule }) => (rule ? `${field} (${rule})` : field)).join(', ')
      return `${actor}  ${labels.refused}: ${faults}`
    }
    if (verdict.outcome !== 'accepted') return null
    if (action.kind === 'discard') return `${actor}  ${labels.discards}`
    return action.kind === 'answer' ? `${actor}  ${labels.answers}` : null
  }

  function describeMoment({ kind, effect, flight, before, after }: Moment): string | null {
    switch (kind) {
      case 'begun':
      case 'scene': {
        const { id, rules, tls } = sceneOf(after)
        const otherTcp = rules === 'rfc-9293' ? '' : ` · ${rules}: ${labels.notTcp}`
        const otherTls = !tls || tls.rules === 'tls' ? '' : ` · ${tls.rules}: ${labels.notTls}`
        return `${labels.scene} ${id}${otherTcp}${otherTls}`
      }
      case 'called':
        return `${effect.seat}  ${labels.calls} ${describeCall(effect.call)}`
      case 'wrote':
        return `${effect.seat}  ${labels.writes} ${summarize(effect)} (${effect.octets.length / 2} ${labels.octets})`
      case 'read':
        return `${effect.seat}  ${labels.reads} ${summarize(effect)}`
      case 'left':
        return `${effect.from} > ${effect.stranger ?? peerOf(effect.from)}  ${describeSegment(after, flight)}`
      case 'injected':
        return `${[labels[effect.as], effect.stranger].filter(Boolean).join(' ')} > ${effect.to}  ${describeSegment(after, flight)}`
      case 'copied':
        return `${describeSegment(after, flight)}  ${labels.copied}`
      case 'held':
        return effect.due !== null && effect.due <= after.clock ? null : `${describeSegment(after, flight)}  ${labels.held}`
      case 'lost': {
        const later = effect.at > after.clock + sceneOf(after).times.transit
        return `${describeSegment(after, flight)}  ${later ? `${labels.lostAt} ${effect.at} ms` : labels.lost}`
      }
      case 'fired':
        return `${effect.seat}  ${labels.timer} ${effect.timer}`
      case 'tcb': {
        const { state } = after.hosts[effect.seat].tcb
        return before.hosts[effect.seat].tcb.state === state ? null : `${effect.seat}  ${labels.says} ${state}`
      }
      case 'strangers':
        return `${effect.seat}  ${labels.open} ${effect.strangers.map(({ name, state }) => `${name} ${state}`).join(', ') || '–'}`
      case 'overheard':
        return describeEavesdropper(effect)
      case 'over':
        return `${labels.over}: ${effect.why}`
      default:
        return null
    }
  }

  /** The formulas that the eavesdropper tried, in order, and what they gave. */
  function describeEavesdropper({ leaked, steps, plaintexts, missing }: EavesdropResult & { leaked: Seat | null }): string {
    const tried = new Set(steps.map(({ formula, works }) => (works ? formula : `${formula} ${labels.fails}`)))
    const result =
      missing === null ? `${labels.reads} ${plaintexts.flatMap(listFirstLines).join(', ')}` : `${labels.lacks} ${missing}`
    const key = leaked === null ? '' : ` ${labels.leaked} ${leaked}`
    return `${labels.eavesdropper}${key}  ${[...tried, result].join(', ')}`
  }
}

const formatLine = (ms: number, text: string | null): string[] => (text === null ? [] : [`${String(ms).padStart(8)} ms  ${text}`])

/** The first line of decrypted application data; nothing for other contents. */
const listFirstLines = ({ content, data }: EavesdropResult['plaintexts'][number]): readonly string[] =>
  content === CONTENT_TYPE.ApplicationData ? decodeUtf8(fromHex(data)).split('\r\n', 1) : []

/** The first line of a message's text, or else its name. */
const summarize = ({ name, text }: { name: string; text?: string }): string => text?.split('\r\n', 1)[0] ?? name

const describeCall = (call: UserCall): string =>
  call.call === 'OPEN' ? `${call.mode} OPEN` : call.call === 'SEND' ? `SEND ${call.octets}` : call.call

/** For example `SYN,ACK seq=y ack=x+1 data=20`. The window is included in scenes whose applications call RECEIVE. */
function describeSegment(world: World, { from, segment }: InFlightSegment): string {
  const { bits, seq, ack, length, window } = segment
  const notation = notationOf(world)
  const parts = [bitNames(bits) || '–', `seq=${formatNumber(seq, notation, 'seq', from)}`]
  if (ack !== null) parts.push(`ack=${formatNumber(ack, notation, 'ack', from)}`)
  if (length > 0) parts.push(`data=${length}`)
  if (sceneOf(world).reads) parts.push(`win=${window}`)
  return parts.join(' ')
}
