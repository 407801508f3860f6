/** Formats judged segments as JSON Lines. docs/judge.md describes the fields. */
import type { JudgedSegment } from '../protocol/capture/connection-tracker.ts'
import { CONTROL_BITS, hasBit } from '../protocol/segment.ts'

/** One judged segment, with a line end. */
export const formatJsonLine = ({
  frame,
  connection,
  from,
  bits,
  seq,
  ack,
  length,
  verdict,
  meaning,
  assumesLoss,
  state,
  tls,
  findings,
}: JudgedSegment): string =>
  `${JSON.stringify({
    frame,
    connection,
    from,
    flags: CONTROL_BITS.filter(([, bit]) => hasBit(bits, bit)).map(([name]) => name),
    seq,
    ack,
    len: length,
    verdict,
    meaning,
    ...(assumesLoss ? { lacking: assumesLoss } : {}),
    state: { client: state.client, server: state.server },
    ...(tls.length > 0 ? { tls } : {}),
    findings: findings.map(({ field, given, want, rule, misconception }) => ({ field, given, want, rule, misconception })),
  })}\n`
