/** What travels inside TCP's segments, as a step of a replay shows it. Pure. */
import type { MessageSummary } from '../../../protocol/round/model/effect.ts'
import type { SegmentView } from '../../../protocol/round/view/seat-view.ts'
import { segmentViewWithPayload } from '../../../protocol/round/view/segment-view.ts'
import { suiteName } from '../../../protocol/tls/acceptor/registry-names.ts'
import type { World } from '../../../protocol/round/model/world.ts'
import type { ReplayStep } from '../timeline/replay-steps.ts'

/** The message of TLS that is written or read in this step; an HTTP message stands in its sentence. */
export const findTlsMessage = ({ headline }: ReplayStep): MessageSummary | null =>
  headline && (headline.kind === 'wrote' || headline.kind === 'read') && headline.effect.text === undefined ? headline.effect : null

/** The segment that leaves or arrives in this step, where it carries something that is known. */
export function findCarryingSegment({ headline, after }: ReplayStep): SegmentView | null {
  if (headline?.kind !== 'left' && headline?.kind !== 'arrived') return null
  const segment = segmentViewWithPayload(after, headline.flight, headline.effect.at)
  return segment.payload ? segment : null
}

/** The suite that has been agreed on. */
export function getAgreedSuite(world: World): string | null {
  const suite = world.hosts.client.tls?.endpoint.connection.suite ?? null
  return suite === null ? null : suiteName(suite)
}
