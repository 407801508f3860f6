/** A round in text, a line for each thing that happened, in the round's notation. */
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

const WORDS = {
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
} as const satisfies { readonly [L in Lang]: { readonly [word: string]: string } }

/** The lines of a log from its first entry on. Times are world ms. */
export function describeRound(entries: readonly (FoldableEntry & Pick<Entry, 'verdict'>)[], lang: Lang): string[] {
  const words = WORDS[lang]
  return readTimeline(entries).flatMap(({ entry, before, moments }) => [
    ...timed(before?.clock ?? 0, describeAct(entry)),
    ...moments.flatMap((moment) => timed(moment.after.clock, describeMoment(moment))),
  ])

  function describeAct({ actor, action, verdict }: Pick<Entry, 'actor' | 'action' | 'verdict'>): string | null {
    if (verdict.outcome === 'refused') {
      const faults = verdict.findings.map(({ field, rule }) => (rule ? `${field} (${rule})` : field)).join(', ')
      return `${actor}  ${words.refused}: ${faults}`
    }
    if (verdict.outcome !== 'accepted') return null
    if (action.kind === 'discard') return `${actor}  ${words.discards}`
    return action.kind === 'answer' ? `${actor}  ${words.answers}` : null
  }

  function describeMoment({ kind, effect, flight, before, after }: Moment): string | null {
    switch (kind) {
      case 'begun':
      case 'scene': {
        const { id, rules, tls } = sceneOf(after)
        const otherTcp = rules === 'rfc-9293' ? '' : ` · ${rules}: ${words.notTcp}`
        const otherTls = !tls || tls.rules === 'tls' ? '' : ` · ${tls.rules}: ${words.notTls}`
        return `${words.scene} ${id}${otherTcp}${otherTls}`
      }
      case 'called':
        return `${effect.seat}  ${words.calls} ${describeCall(effect.call)}`
      case 'wrote':
        return `${effect.seat}  ${words.writes} ${gist(effect)} (${effect.octets.length / 2} ${words.octets})`
      case 'read':
        return `${effect.seat}  ${words.reads} ${gist(effect)}`
      case 'left':
        return `${effect.from} > ${effect.stranger ?? peerOf(effect.from)}  ${describeSegment(after, flight)}`
      case 'injected':
        return `${[words[effect.as], effect.stranger].filter(Boolean).join(' ')} > ${effect.to}  ${describeSegment(after, flight)}`
      case 'copied':
        return `${describeSegment(after, flight)}  ${words.copied}`
      case 'held':
        return effect.due !== null && effect.due <= after.clock ? null : `${describeSegment(after, flight)}  ${words.held}`
      case 'lost': {
        const later = effect.at > after.clock + sceneOf(after).times.transit
        return `${describeSegment(after, flight)}  ${later ? `${words.lostAt} ${effect.at} ms` : words.lost}`
      }
      case 'fired':
        return `${effect.seat}  ${words.timer} ${effect.timer}`
      case 'tcb': {
        const { state } = after.hosts[effect.seat].tcb
        return before.hosts[effect.seat].tcb.state === state ? null : `${effect.seat}  ${words.says} ${state}`
      }
      case 'strangers':
        return `${effect.seat}  ${words.open} ${effect.strangers.map(({ name, state }) => `${name} ${state}`).join(', ') || '–'}`
      case 'overheard':
        return describeEavesdropper(effect)
      case 'over':
        return `${words.over}: ${effect.why}`
      default:
        return null
    }
  }

  /** Each formula that has been tried, in its order, and what came of it. */
  function describeEavesdropper({ leaked, steps, plaintexts, missing }: EavesdropResult & { leaked: Seat | null }): string {
    const tried = new Set(steps.map(({ formula, works }) => (works ? formula : `${formula} ${words.fails}`)))
    const came =
      missing === null ? `${words.reads} ${plaintexts.flatMap(applicationDataGist).join(', ')}` : `${words.lacks} ${missing}`
    const key = leaked === null ? '' : ` ${words.leaked} ${leaked}`
    return `${words.eavesdropper}${key}  ${[...tried, came].join(', ')}`
  }
}

const timed = (ms: number, what: string | null): string[] => (what === null ? [] : [`${String(ms).padStart(8)} ms  ${what}`])

/** What an application has said, of all that has been read. */
const applicationDataGist = ({ content, data }: EavesdropResult['plaintexts'][number]): readonly string[] =>
  content === CONTENT_TYPE.ApplicationData ? decodeUtf8(fromHex(data)).split('\r\n', 1) : []

/** A message's name, or the first line of its text. */
const gist = ({ name, text }: { name: string; text?: string }): string => text?.split('\r\n', 1)[0] ?? name

const describeCall = (call: UserCall): string =>
  call.call === 'OPEN' ? `${call.mode} OPEN` : call.call === 'SEND' ? `SEND ${call.octets}` : call.call

/** `SYN,ACK seq=y ack=x+1 data=20`, with the window where the scene is about it. */
function describeSegment(world: World, { from, segment }: InFlightSegment): string {
  const { bits, seq, ack, length, window } = segment
  const notation = notationOf(world)
  const parts = [bitNames(bits) || '–', `seq=${formatNumber(seq, notation, 'seq', from)}`]
  if (ack !== null) parts.push(`ack=${formatNumber(ack, notation, 'ack', from)}`)
  if (length > 0) parts.push(`data=${length}`)
  if (sceneOf(world).reads) parts.push(`win=${window}`)
  return parts.join(' ')
}
