/**
 * What findings say, in sentences. Each code stands here by name, so that one without a sentence does not compile.
 * The longest texts of all the pages: a student's page loads them with its first finding.
 */
import type { Field, Misconception } from '../../../protocol/findings.ts'
import type { FindingView } from '../../../protocol/world/view.ts'
import { m } from '../paraglide/messages.js'

/** What was done and what the peer would make of it; and the rule in our own words. */
interface Sentences {
  readonly said: (inputs: { given: string }) => string
  readonly why: () => string
}

const MISCONCEPTIONS: { readonly [M in Misconception]: Sentences } = {
  'syn-consumes-one': { said: m.finding_syn_consumes_one_said, why: m.finding_syn_consumes_one_why },
  'fin-consumes-one': { said: m.finding_fin_consumes_one_said, why: m.finding_fin_consumes_one_why },
  'pure-ack-consumes-none': { said: m.finding_pure_ack_consumes_none_said, why: m.finding_pure_ack_consumes_none_why },
  'ack-is-next-expected': { said: m.finding_ack_is_next_expected_said, why: m.finding_ack_is_next_expected_why },
  'seq-ack-swapped': { said: m.finding_seq_ack_swapped_said, why: m.finding_seq_ack_swapped_why },
  'own-isn-for-peer': { said: m.finding_own_isn_for_peer_said, why: m.finding_own_isn_for_peer_why },
  'isn-reset': { said: m.finding_isn_reset_said, why: m.finding_isn_reset_why },
  'isn-is-four-bytes': { said: m.finding_isn_is_four_bytes_said, why: m.finding_isn_is_four_bytes_why },
  'seq-counts-segments': { said: m.finding_seq_counts_segments_said, why: m.finding_seq_counts_segments_why },
  'own-length-in-ack': { said: m.finding_own_length_in_ack_said, why: m.finding_own_length_in_ack_why },
  'ack-over-a-gap': { said: m.finding_ack_over_a_gap_said, why: m.finding_ack_over_a_gap_why },
  'ack-beyond-sent': { said: m.finding_ack_beyond_sent_said, why: m.finding_ack_beyond_sent_why },
  'ack-number-without-ack-bit': { said: m.finding_ack_number_without_ack_bit_said, why: m.finding_ack_number_without_ack_bit_why },
  'repeated-fin-advances-ack': { said: m.finding_repeated_fin_advances_ack_said, why: m.finding_repeated_fin_advances_ack_why },
  'retransmit-new-number': { said: m.finding_retransmit_new_number_said, why: m.finding_retransmit_new_number_why },
  'ack-bit-missing': { said: m.finding_ack_bit_missing_said, why: m.finding_ack_bit_missing_why },
  'syn-missing-on-reply': { said: m.finding_syn_missing_on_reply_said, why: m.finding_syn_missing_on_reply_why },
  'fin-before-ready': { said: m.finding_fin_before_ready_said, why: m.finding_fin_before_ready_why },
  'data-before-established': { said: m.finding_data_before_established_said, why: m.finding_data_before_established_why },
  'data-after-fin': { said: m.finding_data_after_fin_said, why: m.finding_data_after_fin_why },
  'cannot-receive-after-fin': { said: m.finding_cannot_receive_after_fin_said, why: m.finding_cannot_receive_after_fin_why },
  'answer-a-pure-ack': { said: m.finding_answer_a_pure_ack_said, why: m.finding_answer_a_pure_ack_why },
  'answer-a-rst': { said: m.finding_answer_a_rst_said, why: m.finding_answer_a_rst_why },
  'drop-instead-of-reset': { said: m.finding_drop_instead_of_reset_said, why: m.finding_drop_instead_of_reset_why },
  'reset-instead-of-drop': { said: m.finding_reset_instead_of_drop_said, why: m.finding_reset_instead_of_drop_why },
  'reset-instead-of-ack': { said: m.finding_reset_instead_of_ack_said, why: m.finding_reset_instead_of_ack_why },
  'wrong-side-time-wait': { said: m.finding_wrong_side_time_wait_said, why: m.finding_wrong_side_time_wait_why },
  'skips-fin-wait-2': { said: m.finding_skips_fin_wait_2_said, why: m.finding_skips_fin_wait_2_why },
  'early-close': { said: m.finding_early_close_said, why: m.finding_early_close_why },
  'client-listens-again': { said: m.finding_client_listens_again_said, why: m.finding_client_listens_again_why },
  'loss-ends-handshake': { said: m.finding_loss_ends_handshake_said, why: m.finding_loss_ends_handshake_why },
  'silence-is-proof': { said: m.finding_silence_is_proof_said, why: m.finding_silence_is_proof_why },
  'msl-is-the-rto': { said: m.finding_msl_is_the_rto_said, why: m.finding_msl_is_the_rto_why },
  'textbook-omits-ack': { said: m.finding_textbook_omits_ack_said, why: m.finding_textbook_omits_ack_why },
  'textbook-ignores-stale-synack': {
    said: m.finding_textbook_ignores_stale_synack_said,
    why: m.finding_textbook_ignores_stale_synack_why,
  },
  'tls-before-tcp': { said: m.finding_tls_before_tcp_said, why: m.finding_tls_before_tcp_why },
  'finished-before-ccs': { said: m.finding_finished_before_ccs_said, why: m.finding_finished_before_ccs_why },
  'server-sends-secret': { said: m.finding_server_sends_secret_said, why: m.finding_server_sends_secret_why },
  'encrypts-with-wrong-key': { said: m.finding_encrypts_with_wrong_key_said, why: m.finding_encrypts_with_wrong_key_why },
  'key-travels-whole': { said: m.finding_key_travels_whole_said, why: m.finding_key_travels_whole_why },
  'certificate-makes-the-key': { said: m.finding_certificate_makes_the_key_said, why: m.finding_certificate_makes_the_key_why },
  'skips-certificate-check': { said: m.finding_skips_certificate_check_said, why: m.finding_skips_certificate_check_why },
  'encryption-is-identity': { said: m.finding_encryption_is_identity_said, why: m.finding_encryption_is_identity_why },
  'suite-not-offered': { said: m.finding_suite_not_offered_said, why: m.finding_suite_not_offered_why },
  'algorithm-is-secret': { said: m.finding_algorithm_is_secret_said, why: m.finding_algorithm_is_secret_why },
  'tls-is-rsa-aes': { said: m.finding_tls_is_rsa_aes_said, why: m.finding_tls_is_rsa_aes_why },
  'http-empty-line': { said: m.finding_http_empty_line_said, why: m.finding_http_empty_line_why },
  'http-version': { said: m.finding_http_version_said, why: m.finding_http_version_why },
  'http-request-line': { said: m.finding_http_request_line_said, why: m.finding_http_request_line_why },
  'http-method': { said: m.finding_http_method_said, why: m.finding_http_method_why },
  'http-target': { said: m.finding_http_target_said, why: m.finding_http_target_why },
  'http-host-missing': { said: m.finding_http_host_missing_said, why: m.finding_http_host_missing_why },
  'http-host-wrong': { said: m.finding_http_host_wrong_said, why: m.finding_http_host_wrong_why },
  'http-status-line': { said: m.finding_http_status_line_said, why: m.finding_http_status_line_why },
  'http-field-line': { said: m.finding_http_field_line_said, why: m.finding_http_field_line_why },
  'http-space-before-colon': { said: m.finding_http_space_before_colon_said, why: m.finding_http_space_before_colon_why },
  'http-folded-line': { said: m.finding_http_folded_line_said, why: m.finding_http_folded_line_why },
  'http-length-wrong': { said: m.finding_http_length_wrong_said, why: m.finding_http_length_wrong_why },
  'http-two-framings': { said: m.finding_http_two_framings_said, why: m.finding_http_two_framings_why },
  'http-length-missing': { said: m.finding_http_length_missing_said, why: m.finding_http_length_missing_why },
  'http-no-body': { said: m.finding_http_no_body_said, why: m.finding_http_no_body_why },
  'http-chunks': { said: m.finding_http_chunks_said, why: m.finding_http_chunks_why },
  'http-answer-unasked': { said: m.finding_http_answer_unasked_said, why: m.finding_http_answer_unasked_why },
  'http-after-close': { said: m.finding_http_after_close_said, why: m.finding_http_after_close_why },
}

const FIELDS: { readonly [F in Field]: Sentences } = {
  state: { said: m.finding_field_state_said, why: m.finding_field_state_why },
  flags: { said: m.finding_field_flags_said, why: m.finding_field_flags_why },
  seq: { said: m.finding_field_seq_said, why: m.finding_field_seq_why },
  ack: { said: m.finding_field_ack_said, why: m.finding_field_ack_why },
  payload: { said: m.finding_field_payload_said, why: m.finding_field_payload_why },
  window: { said: m.finding_field_window_said, why: m.finding_field_window_why },
  answer: { said: m.finding_field_answer_said, why: m.finding_field_answer_why },
  message: { said: m.finding_field_message_said, why: m.finding_field_message_why },
}

const REMARK: Sentences = { said: m.finding_remark_said, why: m.finding_remark_why }

const sentences = ({ kind, field, misconception }: Pick<FindingView, 'kind' | 'field' | 'misconception'>): Sentences =>
  misconception ? MISCONCEPTIONS[misconception] : kind === 'remark' ? REMARK : FIELDS[field]

/** What a finding says, in one sentence. */
export const said = (finding: Pick<FindingView, 'kind' | 'field' | 'given' | 'misconception'>): string =>
  sentences(finding).said({ given: finding.given ?? m.nothing_given() })

/** The rule behind a finding, in our own words. */
export const why = (finding: Pick<FindingView, 'kind' | 'field' | 'misconception'>): string => sentences(finding).why()
