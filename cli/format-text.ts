/** Formats judged segments as text: one line each, with findings below it, and a summary at the end. */
import { styleText } from 'node:util'
import type { CaptureCounts, Endpoint, JudgedSegment } from '../protocol/capture/connection-tracker.ts'
import { bitNames } from '../protocol/segment.ts'
import type { Finding } from '../protocol/findings.ts'

type Style = Parameters<typeof styleText>[0]

const createPainter = (colour: boolean) => (style: Style, text: string) =>
  colour ? styleText(style, text, { validateStream: false }) : text

/** One judged segment and its findings. `headings`: name both hosts where a connection begins. */
export function formatJudgedSegment(judged: JudgedSegment, { colour, headings }: { colour: boolean; headings: boolean }): string {
  const paint = createPainter(colour)
  const { frame, connection, from, bits, seq, ack, length, verdict, meaning, assumesLoss, state, tls, findings } = judged
  const fields = [bitNames(bits) || 'no bits', `seq=${seq}`, ...(ack === null ? [] : [`ack=${ack}`]), `len=${length}`]
  const line = [
    String(frame).padStart(6),
    `#${connection}`,
    from === 'client' ? 'client → server' : 'client ← server',
    fields.join(' ').padEnd(38),
    verdict === 'ok' ? paint('green', (meaning ?? '').padEnd(12)) : paint('red', 'violation'.padEnd(12)),
    paint('dim', `${state.client ?? '?'} / ${state.server ?? '?'}`),
    ...(tls.length > 0 ? [tls.join(', ')] : []),
  ].join('  ')
  const { hosts } = judged
  const hostNames = hosts && `${formatEndpoint(hosts.client)} (client), ${formatEndpoint(hosts.server)} (server)`
  const heading = hostNames !== null && headings ? `${paint('bold', `connection ${connection}: ${hostNames}`)}\n` : ''
  const style = verdict === 'ok' ? 'yellow' : 'red'
  const notes = [...(assumesLoss ? [ASSUMED_LOSS_REMARK] : []), ...findings.map(formatFinding)]
  return `${heading}${line}\n${notes.map((note) => `          ${paint(style, note)}\n`).join('')}`
}

const ASSUMED_LOSS_REMARK = 'remark: only segments that this capture lacks explain its numbers'

function formatFinding({ kind, field, given, want, rule, misconception }: Finding): string {
  const reason = `${rule}${misconception ? `, ${misconception}` : ''}`
  if (field === 'payload' && given === want) return `payload: other octets than were sent under these numbers before (${reason})`
  if (field === 'message' && want === null) return `message: ${given} may not be said here (${reason})`
  const statement = `${field} is ${given === null ? 'absent' : given === '' ? 'none' : given}`
  if (kind === 'remark') return `remark: ${statement}, which served nothing (${reason})`
  return `${statement}, expected ${want === null || want === '' ? 'none' : want} (${reason})`
}

function formatEndpoint(endpoint: Endpoint): string {
  const view = new DataView(endpoint.buffer, endpoint.byteOffset, endpoint.length)
  return `${formatAddress(view)}:${view.getUint16(endpoint.length - 2)}`
}

/** The address at the beginning of an endpoint. */
function formatAddress(endpoint: DataView): string {
  if (endpoint.byteLength === 6) return Array.from({ length: 4 }, (_, i) => endpoint.getUint8(i)).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => endpoint.getUint16(i * 2).toString(16)).join(':')
  // RFC 5952: "::" replaces the longest run of zeros, the first one if there are several.
  const runs = groups.match(/\b0(:0)+\b/g) ?? []
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '')
  if (longest === '') return `[${groups}]`
  const zeros = groups.indexOf(longest)
  const before = groups.slice(0, zeros)
  const after = groups.slice(zeros + longest.length)
  return `[${before.replace(/:$/, '')}::${after.replace(/^:/, '')}]`
}

const formatCount = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`

/** What was read and found, at the end of the output: one to four lines. */
export function formatSummary(counts: CaptureCounts, { colour }: { colour: boolean }): string {
  const { packets, segments, connections, givenUp, violations, skipped, wrongChecksums, dropped } = counts
  const reasons = [
    [skipped.other, 'not TCP'],
    [skipped.fragment, 'fragments'],
    [skipped.link, 'of a link type that is not understood'],
    [skipped.broken, 'broken or cut before the end of their headers'],
  ] as const
  const skippedTexts = reasons.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`)
  return [
    `${formatCount(packets, 'packet')}, ${formatCount(segments, 'TCP segment')}, ${formatCount(connections, 'connection')}: `,
    createPainter(colour)(violations > 0 ? 'red' : 'green', violations > 0 ? formatCount(violations, 'violation') : 'no violation'),
    '\n',
    ...(skippedTexts.length > 0 ? [`passed over: ${skippedTexts.join(', ')}\n`] : []),
    ...(givenUp > 0 ? [`${formatCount(givenUp, 'connection')} given up before the end, to bound the memory\n`] : []),
    ...(wrongChecksums > 0 ? [`${formatCount(wrongChecksums, 'segment')} with a wrong checksum, judged all the same\n`] : []),
    ...(dropped > 0
      ? [`${formatCount(dropped, 'packet')} lost while the capture was made, as it says: a violation may be one of them\n`]
      : []),
  ].join('')
}
