/** What travels inside TCP's segments, as a step of a replay shows it. Pure. */
import { formatNumber } from '../../../protocol/notation.ts'
import type { MessageSummary } from '../../../protocol/round/model/effect.ts'
import { payloadLayoutOf } from '../../../protocol/round/fold/payload-layout.ts'
import type { SegmentView } from '../../../protocol/round/view/seat-view.ts'
import { suiteName } from '../../../protocol/tls/acceptor/registry-names.ts'
import type { World } from '../../../protocol/round/model/world.ts'
import { notationOf, sceneOf } from '../../../protocol/round/fold/current-scene.ts'
import type { ReplayStep } from '../timeline/replay-steps.ts'

/** The message of TLS that is written or read in this step; an HTTP message stands in its sentence. */
export const findTlsMessage = ({ headline }: ReplayStep): MessageSummary | null =>
  headline && (headline.kind === 'wrote' || headline.kind === 'read') && headline.text === undefined ? headline : null

/** The segment that leaves or arrives in this step, where it carries something that is known. */
export function findCarryingSegment({
  headline,
  before,
  after,
}: ReplayStep): Pick<SegmentView, 'id' | 'bits' | 'seq' | 'length' | 'payload' | 'from'> | null {
  if (headline?.kind !== 'left' && headline?.kind !== 'arrived') return null
  const flight = headline.kind === 'left' ? headline : before?.wire.find(({ id }) => id === headline.id)
  if (!flight || flight.stranger !== undefined) return null
  const { from, segment } = flight
  const pieces = payloadLayoutOf(sceneOf(after), after.hosts[from].writtenMessages, from, segment)
  if (pieces.length === 0) return null
  const { bits, length } = segment
  return { id: headline.id, from, bits, length, payload: pieces, seq: formatNumber(segment.seq, notationOf(after), 'seq', from) }
}

/** The suite that has been agreed on. */
export function getAgreedSuite(world: World): string | null {
  const suite = world.hosts.client.tls?.endpoint.connection.suite ?? null
  return suite === null ? null : suiteName(suite)
}
