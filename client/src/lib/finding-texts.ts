/**
 * The texts of findings. The records list every code by name, so that a code without a text does not compile.
 * These are the longest texts of all pages: a student's page loads them only after it is shown.
 */
import type { Finding, FindingField, Misconception, Mistake } from '../../../protocol/findings.ts'
import type { AlertName } from '../../../protocol/tls/format/messages.ts'
import { m } from '../generated/messages.ts'

/** `describe`: what was done and how the peer would understand it. `explain`: the rule in plain words. */
interface FindingTexts {
  readonly describe: (inputs: { given: string }) => string
  readonly explain: () => string
}

const MISCONCEPTION_TEXTS: { readonly [M in Misconception]: FindingTexts } = {
  'syn-consumes-one': { describe: m.finding_syn_consumes_one_said, explain: m.finding_syn_consumes_one_why },
  'fin-consumes-one': { describe: m.finding_fin_consumes_one_said, explain: m.finding_fin_consumes_one_why },
  'pure-ack-consumes-none': { describe: m.finding_pure_ack_consumes_none_said, explain: m.finding_pure_ack_consumes_none_why },
  'ack-is-next-expected': { describe: m.finding_ack_is_next_expected_said, explain: m.finding_ack_is_next_expected_why },
  'seq-ack-swapped': { describe: m.finding_seq_ack_swapped_said, explain: m.finding_seq_ack_swapped_why },
  'own-isn-for-peer': { describe: m.finding_own_isn_for_peer_said, explain: m.finding_own_isn_for_peer_why },
  'isn-reset': { describe: m.finding_isn_reset_said, explain: m.finding_isn_reset_why },
  'isn-is-zero': { describe: m.finding_isn_is_zero_said, explain: m.finding_isn_is_zero_why },
  'isn-is-four-bytes': { describe: m.finding_isn_is_four_bytes_said, explain: m.finding_isn_is_four_bytes_why },
  'seq-counts-segments': { describe: m.finding_seq_counts_segments_said, explain: m.finding_seq_counts_segments_why },
  'own-length-in-ack': { describe: m.finding_own_length_in_ack_said, explain: m.finding_own_length_in_ack_why },
  'ack-over-a-gap': { describe: m.finding_ack_over_a_gap_said, explain: m.finding_ack_over_a_gap_why },
  'ack-beyond-sent': { describe: m.finding_ack_beyond_sent_said, explain: m.finding_ack_beyond_sent_why },
  'ack-number-without-ack-bit': {
    describe: m.finding_ack_number_without_ack_bit_said,
    explain: m.finding_ack_number_without_ack_bit_why,
  },
  'repeated-fin-advances-ack': {
    describe: m.finding_repeated_fin_advances_ack_said,
    explain: m.finding_repeated_fin_advances_ack_why,
  },
  'retransmit-new-number': { describe: m.finding_retransmit_new_number_said, explain: m.finding_retransmit_new_number_why },
  'ack-bit-missing': { describe: m.finding_ack_bit_missing_said, explain: m.finding_ack_bit_missing_why },
  'syn-missing-on-reply': { describe: m.finding_syn_missing_on_reply_said, explain: m.finding_syn_missing_on_reply_why },
  'fin-before-ready': { describe: m.finding_fin_before_ready_said, explain: m.finding_fin_before_ready_why },
  'data-before-established': { describe: m.finding_data_before_established_said, explain: m.finding_data_before_established_why },
  'data-after-fin': { describe: m.finding_data_after_fin_said, explain: m.finding_data_after_fin_why },
  'cannot-receive-after-fin': {
    describe: m.finding_cannot_receive_after_fin_said,
    explain: m.finding_cannot_receive_after_fin_why,
  },
  'answer-a-pure-ack': { describe: m.finding_answer_a_pure_ack_said, explain: m.finding_answer_a_pure_ack_why },
  'answer-a-rst': { describe: m.finding_answer_a_rst_said, explain: m.finding_answer_a_rst_why },
  'drop-instead-of-reset': { describe: m.finding_drop_instead_of_reset_said, explain: m.finding_drop_instead_of_reset_why },
  'reset-instead-of-drop': { describe: m.finding_reset_instead_of_drop_said, explain: m.finding_reset_instead_of_drop_why },
  'reset-instead-of-ack': { describe: m.finding_reset_instead_of_ack_said, explain: m.finding_reset_instead_of_ack_why },
  'wrong-side-time-wait': { describe: m.finding_wrong_side_time_wait_said, explain: m.finding_wrong_side_time_wait_why },
  'skips-fin-wait-2': { describe: m.finding_skips_fin_wait_2_said, explain: m.finding_skips_fin_wait_2_why },
  'early-close': { describe: m.finding_early_close_said, explain: m.finding_early_close_why },
  'client-listens-again': { describe: m.finding_client_listens_again_said, explain: m.finding_client_listens_again_why },
  'loss-ends-handshake': { describe: m.finding_loss_ends_handshake_said, explain: m.finding_loss_ends_handshake_why },
  'silence-is-proof': { describe: m.finding_silence_is_proof_said, explain: m.finding_silence_is_proof_why },
  'msl-is-the-rto': { describe: m.finding_msl_is_the_rto_said, explain: m.finding_msl_is_the_rto_why },
  'textbook-omits-ack': { describe: m.finding_textbook_omits_ack_said, explain: m.finding_textbook_omits_ack_why },
  'textbook-ignores-stale-synack': {
    describe: m.finding_textbook_ignores_stale_synack_said,
    explain: m.finding_textbook_ignores_stale_synack_why,
  },
  'tls-before-tcp': { describe: m.finding_tls_before_tcp_said, explain: m.finding_tls_before_tcp_why },
  'finished-before-ccs': { describe: m.finding_finished_before_ccs_said, explain: m.finding_finished_before_ccs_why },
  'server-sends-secret': { describe: m.finding_server_sends_secret_said, explain: m.finding_server_sends_secret_why },
  'encrypts-with-wrong-key': { describe: m.finding_encrypts_with_wrong_key_said, explain: m.finding_encrypts_with_wrong_key_why },
  'key-travels-whole': { describe: m.finding_key_travels_whole_said, explain: m.finding_key_travels_whole_why },
  'certificate-makes-the-key': {
    describe: m.finding_certificate_makes_the_key_said,
    explain: m.finding_certificate_makes_the_key_why,
  },
  'skips-certificate-check': { describe: m.finding_skips_certificate_check_said, explain: m.finding_skips_certificate_check_why },
  'encryption-is-identity': { describe: m.finding_encryption_is_identity_said, explain: m.finding_encryption_is_identity_why },
  'suite-not-offered': { describe: m.finding_suite_not_offered_said, explain: m.finding_suite_not_offered_why },
  'algorithm-is-secret': { describe: m.finding_algorithm_is_secret_said, explain: m.finding_algorithm_is_secret_why },
  'tls-is-rsa-aes': { describe: m.finding_tls_is_rsa_aes_said, explain: m.finding_tls_is_rsa_aes_why },
  'http-empty-line': { describe: m.finding_http_empty_line_said, explain: m.finding_http_empty_line_why },
  'http-version': { describe: m.finding_http_version_said, explain: m.finding_http_version_why },
  'http-request-line': { describe: m.finding_http_request_line_said, explain: m.finding_http_request_line_why },
  'http-method': { describe: m.finding_http_method_said, explain: m.finding_http_method_why },
  'http-target': { describe: m.finding_http_target_said, explain: m.finding_http_target_why },
  'http-host-missing': { describe: m.finding_http_host_missing_said, explain: m.finding_http_host_missing_why },
  'http-host-wrong': { describe: m.finding_http_host_wrong_said, explain: m.finding_http_host_wrong_why },
  'http-status-line': { describe: m.finding_http_status_line_said, explain: m.finding_http_status_line_why },
  'http-field-line': { describe: m.finding_http_field_line_said, explain: m.finding_http_field_line_why },
  'http-space-before-colon': { describe: m.finding_http_space_before_colon_said, explain: m.finding_http_space_before_colon_why },
  'http-folded-line': { describe: m.finding_http_folded_line_said, explain: m.finding_http_folded_line_why },
  'http-length-wrong': { describe: m.finding_http_length_wrong_said, explain: m.finding_http_length_wrong_why },
  'http-two-framings': { describe: m.finding_http_two_framings_said, explain: m.finding_http_two_framings_why },
  'http-length-missing': { describe: m.finding_http_length_missing_said, explain: m.finding_http_length_missing_why },
  'http-no-body': { describe: m.finding_http_no_body_said, explain: m.finding_http_no_body_why },
  'http-chunks': { describe: m.finding_http_chunks_said, explain: m.finding_http_chunks_why },
  'http-answer-unasked': { describe: m.finding_http_answer_unasked_said, explain: m.finding_http_answer_unasked_why },
  'http-after-close': { describe: m.finding_http_after_close_said, explain: m.finding_http_after_close_why },
}

const FIELD_TEXTS: { readonly [F in FindingField]: FindingTexts } = {
  state: { describe: m.finding_field_state_said, explain: m.finding_field_state_why },
  flags: { describe: m.finding_field_flags_said, explain: m.finding_field_flags_why },
  seq: { describe: m.finding_field_seq_said, explain: m.finding_field_seq_why },
  ack: { describe: m.finding_field_ack_said, explain: m.finding_field_ack_why },
  payload: { describe: m.finding_field_payload_said, explain: m.finding_field_payload_why },
  window: { describe: m.finding_field_window_said, explain: m.finding_field_window_why },
  answer: { describe: m.finding_field_answer_said, explain: m.finding_field_answer_why },
  message: { describe: m.finding_field_message_said, explain: m.finding_field_message_why },
}

/** What each alert would say (RFC 5246 7.2.2, RFC 8446 6.2). */
const ALERT_TEXTS: { readonly [A in AlertName]: () => string } = {
  close_notify: m.finding_alert_close_notify_said,
  unexpected_message: m.finding_alert_unexpected_message_said,
  bad_record_mac: m.finding_alert_bad_record_mac_said,
  record_overflow: m.finding_alert_record_overflow_said,
  decompression_failure: m.finding_alert_decompression_failure_said,
  handshake_failure: m.finding_alert_handshake_failure_said,
  bad_certificate: m.finding_alert_bad_certificate_said,
  unsupported_certificate: m.finding_alert_unsupported_certificate_said,
  certificate_revoked: m.finding_alert_certificate_revoked_said,
  certificate_expired: m.finding_alert_certificate_expired_said,
  certificate_unknown: m.finding_alert_certificate_unknown_said,
  illegal_parameter: m.finding_alert_illegal_parameter_said,
  unknown_ca: m.finding_alert_unknown_ca_said,
  access_denied: m.finding_alert_access_denied_said,
  decode_error: m.finding_alert_decode_error_said,
  decrypt_error: m.finding_alert_decrypt_error_said,
  protocol_version: m.finding_alert_protocol_version_said,
  insufficient_security: m.finding_alert_insufficient_security_said,
  internal_error: m.finding_alert_internal_error_said,
  inappropriate_fallback: m.finding_alert_inappropriate_fallback_said,
  user_canceled: m.finding_alert_user_canceled_said,
  no_renegotiation: m.finding_alert_no_renegotiation_said,
  missing_extension: m.finding_alert_missing_extension_said,
  unsupported_extension: m.finding_alert_unsupported_extension_said,
  unrecognized_name: m.finding_alert_unrecognized_name_said,
  bad_certificate_status_response: m.finding_alert_bad_certificate_status_response_said,
  unknown_psk_identity: m.finding_alert_unknown_psk_identity_said,
  certificate_required: m.finding_alert_certificate_required_said,
  no_application_protocol: m.finding_alert_no_application_protocol_said,
}

const isAlertName = (given: Finding['given']): given is AlertName => typeof given === 'string' && given in ALERT_TEXTS

const REMARK_TEXTS: FindingTexts = { describe: m.finding_remark_said, explain: m.finding_remark_why }

const selectTexts = ({ kind, field, given, misconception }: DescribedFinding): FindingTexts => {
  if (misconception) return MISCONCEPTION_TEXTS[misconception]
  if (kind === 'remark') return REMARK_TEXTS
  // An alert that does not fit what it answers.
  if (field === 'message' && isAlertName(given)) return { describe: ALERT_TEXTS[given], explain: m.finding_alert_why }
  return FIELD_TEXTS[field]
}

const MISTAKE_TEXTS: { readonly [M in Mistake]: FindingTexts } = { ...MISCONCEPTION_TEXTS, ...FIELD_TEXTS }

/** A finding of a view, or of a log. */
type DescribedFinding = Pick<Finding, 'kind' | 'field' | 'given' | 'misconception'>

/** The finding as one sentence. */
export const describeFinding = (finding: DescribedFinding): string =>
  selectTexts(finding).describe({ given: String(finding.given ?? m.nothing_given()) })

/** The rule behind a finding, in plain words. */
export const explainFinding = (finding: DescribedFinding): string => selectTexts(finding).explain()

/** The rule behind a kind of mistake. */
export const explainMistake = (mistake: Mistake): string => MISTAKE_TEXTS[mistake].explain()
