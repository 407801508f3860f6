/** What travels inside TCP's segments, as a step of a replay shows it. Pure. */
import { formatNumber } from '../../../protocol/notation.ts'
import type { Spoken } from '../../../protocol/world/action.ts'
import { piecesOf } from '../../../protocol/world/pieces.ts'
import type { SegmentView } from '../../../protocol/world/view.ts'
import { suiteName } from '../../../protocol/tls/names.ts'
import { notationOf, sceneOf, type World } from '../../../protocol/world/world.ts'
import type { Step } from './steps.ts'

/** The message of TLS that is written or read in this step; an HTTP message stands in its sentence. */
export const spokenIn = ({ headline }: Step): Spoken | null =>
  headline && (headline.is === 'wrote' || headline.is === 'read') && headline.text === undefined ? headline : null

/** The segment that leaves or arrives in this step, where it carries something that is known. */
export function segmentIn({
  headline,
  before,
  after,
}: Step): Pick<SegmentView, 'id' | 'bits' | 'seq' | 'length' | 'pieces' | 'from'> | null {
  if (headline?.is !== 'left' && headline?.is !== 'arrived') return null
  const flight = headline.is === 'left' ? headline : before?.wire.find(({ id }) => id === headline.id)
  if (!flight || flight.stranger !== undefined) return null
  const { from, segment } = flight
  const pieces = piecesOf(sceneOf(after), after.hosts[from].wrote, from, segment)
  if (pieces.length === 0) return null
  const { bits, length } = segment
  return { id: headline.id, from, bits, length, pieces, seq: formatNumber(segment.seq, notationOf(after), 'seq', from) }
}

/** The suite that has been agreed on. */
export function suiteOf(world: World): string | null {
  const suite = world.hosts.client.tls?.endpoint.connection.suite ?? null
  return suite === null ? null : suiteName(suite)
}
