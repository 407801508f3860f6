/** The contents of TCP segments that a step of a replay shows. Pure. */
import type { MessageSummary } from '../../../protocol/round/model/effect.ts'
import type { SegmentView } from '../../../protocol/round/view/seat-view.ts'
import { segmentViewWithPayload } from '../../../protocol/round/view/segment-view.ts'
import { suiteName } from '../../../protocol/tls/acceptor/registry-names.ts'
import type { World } from '../../../protocol/round/model/world.ts'
import type { ReplayStep } from '../timeline/replay-steps.ts'

/** The TLS message that is written or read in this step. Null for HTTP messages, which the step's sentence contains. */
export const findTlsMessage = ({ headline }: ReplayStep): MessageSummary | null =>
  headline && (headline.kind === 'wrote' || headline.kind === 'read') && headline.effect.text === undefined ? headline.effect : null

/** The segment that leaves or arrives in this step if the messages that it carries are known, else null. */
export function findCarryingSegment({ headline, after }: ReplayStep): SegmentView | null {
  if (headline?.kind !== 'left' && headline?.kind !== 'arrived') return null
  const segment = segmentViewWithPayload(after, headline.flight, headline.effect.at)
  return segment.payload ? segment : null
}

/** The name of the negotiated cipher suite; null before. */
export function getAgreedSuite(world: World): string | null {
  const suite = world.hosts.client.tls?.endpoint.connection.suite ?? null
  return suite === null ? null : suiteName(suite)
}
