/** A judged segment as one line of JSON: docs/judge.md describes the fields. */
import type { Judged } from '../protocol/judge/tracker.ts'
import { BITS, has } from '../protocol/segment.ts'

export const jsonLine = ({
  frame,
  connection,
  from,
  bits,
  seq,
  ack,
  length,
  verdict,
  meaning,
  lacking,
  state,
  tls,
  findings,
}: Judged): string =>
  `${JSON.stringify({
    frame,
    connection,
    from,
    flags: BITS.filter(([, bit]) => has(bits, bit)).map(([name]) => name),
    seq,
    ack,
    len: length,
    verdict,
    meaning,
    ...(lacking ? { lacking } : {}),
    state: { client: state.client, server: state.server },
    ...(tls.length > 0 ? { tls } : {}),
    findings: findings.map(({ field, given, want, rule, misconception }) => ({ field, given, want, rule, misconception })),
  })}\n`
