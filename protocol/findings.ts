/** The codes that the judges of all layers report. Their sentences, in both languages, are in `client/messages/findings.*.json`. */

/** The fields that a finding can be about, most fundamental first. */
export const FINDING_FIELDS = ['state', 'flags', 'seq', 'ack', 'payload', 'window', 'message', 'answer'] as const
export type FindingField = (typeof FINDING_FIELDS)[number]

/** The misconceptions that an action on TCP can reveal. */
export const TCP_MISCONCEPTIONS = [
  // numbers
  'syn-consumes-one',
  'fin-consumes-one',
  'pure-ack-consumes-none',
  'ack-is-next-expected',
  'seq-ack-swapped',
  'own-isn-for-peer',
  'isn-reset',
  'isn-is-zero',
  'isn-is-four-bytes',
  'seq-counts-segments',
  'own-length-in-ack',
  'ack-over-a-gap',
  'ack-beyond-sent',
  'ack-number-without-ack-bit',
  'repeated-fin-advances-ack',
  'retransmit-new-number',
  // control bits and order
  'ack-bit-missing',
  'syn-missing-on-reply',
  'fin-before-ready',
  'data-before-established',
  'data-after-fin',
  'cannot-receive-after-fin',
  'answer-a-pure-ack',
  'answer-a-rst',
  'drop-instead-of-reset',
  'reset-instead-of-drop',
  'reset-instead-of-ack',
  // states and time
  'wrong-side-time-wait',
  'skips-fin-wait-2',
  'early-close',
  'client-listens-again',
  'loss-ends-handshake',
  'silence-is-proof',
  'msl-is-the-rto',
  // what textbooks usually omit
  'textbook-omits-ack',
  'textbook-ignores-stale-synack',
] as const

/** The misconceptions that an action on TLS can reveal. */
export const TLS_MISCONCEPTIONS = [
  // order
  'tls-before-tcp',
  'finished-before-ccs',
  // who generates the secret, and which key encrypts it
  'server-sends-secret',
  'encrypts-with-wrong-key',
  'key-travels-whole',
  'certificate-makes-the-key',
  // identity
  'skips-certificate-check',
  'encryption-is-identity',
  // algorithms
  'suite-not-offered',
  'algorithm-is-secret',
  'tls-is-rsa-aes',
] as const

/** The rules of HTTP/1.1 that a message can break, in the order of RFC 9112. */
export const HTTP_MISCONCEPTIONS = [
  'http-empty-line',
  'http-version',
  'http-request-line',
  'http-method',
  'http-target',
  'http-host-missing',
  'http-host-wrong',
  'http-status-line',
  'http-field-line',
  'http-space-before-colon',
  'http-folded-line',
  'http-length-wrong',
  'http-two-framings',
  'http-length-missing',
  'http-no-body',
  'http-chunks',
  'http-answer-unasked',
  'http-after-close',
] as const
export type HttpMisconception = (typeof HTTP_MISCONCEPTIONS)[number]

/** The names of the misconceptions of all layers. A finding has none if no known misconception explains the fault. */
export const MISCONCEPTIONS = [...TCP_MISCONCEPTIONS, ...TLS_MISCONCEPTIONS, ...HTTP_MISCONCEPTIONS] as const
export type Misconception = (typeof MISCONCEPTIONS)[number]

/**
 * One fault of a segment, a claim or a message (`refusal`), or a comment on something that is legal but useless (`remark`).
 *
 * The type of `given` and `want` depends on `field`: for `flags` the names of the bits joined by commas (`SYN,ACK`), for `seq` and `ack` an
 * absolute number or null (no ACK bit), for `payload` and `window` a number of octets, for `state` the name of a state, for `message` the
 * RFC's names (`Finished`, `TLS_RSA_WITH_AES_128_CBC_SHA`). `want` is the value of the nearest legal template.
 */
export interface Finding {
  readonly kind: 'refusal' | 'remark'
  readonly field: FindingField
  readonly given: string | number | null
  readonly want: string | number | null
  /** The clause that is cited, such as `RFC 9293 3.10.7.4`. */
  readonly rule: string
  readonly misconception: Misconception | null
}

/** What a refusal is counted as: its misconception, or the field where no known misconception explains the fault. */
export type Mistake = Misconception | FindingField
export const mistakeOf = ({ misconception, field }: Pick<Finding, 'misconception' | 'field'>): Mistake => misconception ?? field
