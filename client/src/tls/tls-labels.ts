/** Labels for TLS terms; the RFCs' own names are not translated. The records list every code by name, so that none can be forgotten. */
import type { KeyExchangePayload, KeyName } from '../../../protocol/tls/endpoint/endpoint.ts'
import type { Formula, EavesdropResult, NamedValue } from '../../../protocol/tls/watch/eavesdrop.ts'
import type { FactName } from '../../../protocol/tls/watch/message-facts.ts'
import type { TlsRuleSetName } from '../../../protocol/tls/keys/rules.ts'
import type { NamedSecret } from '../../../protocol/tls/endpoint/list-secrets.ts'
import { lang } from '../lib/lang.svelte.ts'
import { m } from '../generated/messages.ts'
import type { FinishedInput } from './tls-draft.ts'
import type { OctetRange } from './octet-ranges.ts'

/** The date of an instant in ms since the epoch; in UTC, as the validity of certificates. */
export const formatUtcDate = (time: number): string =>
  new Intl.DateTimeFormat(lang.current === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(time)

export const CARGO_LABELS: { readonly [C in KeyExchangePayload]: () => string } = {
  'pre-master-secret': m.tls_pre_master_secret,
  'session-key': m.tls_session_key,
  'public-value': m.tls_public_value,
}

export const KEY_LABELS: { readonly [K in KeyName]: () => string } = {
  'server-public': m.tls_key_server_public,
  'server-private': m.tls_key_server_private,
  'client-public': m.tls_key_client_public,
  'client-private': m.tls_key_client_private,
  none: m.tls_key_none,
}

export const FINISHED_INPUT_LABELS: { readonly [O in FinishedInput]: () => string } = {
  'all-messages': m.tls_over_all,
  'own-messages': m.tls_over_own,
  'the-certificate': m.tls_over_certificate,
}

export const FACT_LABELS: { readonly [F in FactName]: () => string } = {
  version: m.tls_version,
  random: m.tls_random,
  suites: m.tls_suites_offered,
  suite: m.tls_suite,
  'server-name': m.tls_server_name,
  groups: m.tls_groups,
  group: m.tls_group,
  'public-value': m.tls_public_value,
  subject: m.tls_subject,
  names: m.tls_names,
  issuer: m.tls_issuer,
  serial: m.tls_serial,
  'valid-from': m.tls_valid_from,
  'valid-to': m.tls_valid_to,
  authority: m.tls_authority,
  scheme: m.tls_scheme,
  signature: m.tls_signature,
  'signature-check': m.tls_signature_check,
  'chain-check': m.tls_chain_check,
  exchange: m.tls_exchange,
  'verify-data': m.tls_verify_data,
  requested: m.tls_requested,
  level: m.tls_level,
  alert: m.tls_alert,
  data: m.tls_data,
}

/** Facts whose values are octets in hexadecimal digits. */
export const HEX_FACTS: readonly FactName[] = ['random', 'public-value', 'signature', 'exchange', 'verify-data', 'data']

/** Facts whose values are free text of a certificate, not names from a registry. */
export const PROSE_FACTS: readonly FactName[] = ['names', 'issuer', 'serial']

/** Facts whose values are the result of a check, and the sentences for each. */
export const CHECK_SENTENCES: { readonly [F in FactName]?: { readonly [result: string]: () => string } } = {
  'signature-check': { holds: m.tls_signature_holds, fails: m.tls_signature_fails },
  'chain-check': { holds: m.tls_chain_holds, fails: m.tls_chain_fails },
}

/** Sentences on what a ClientKeyExchange carries. */
export const CARGO_SENTENCES: { readonly [C in 'public-value' | TlsRuleSetName]: () => string } = {
  'public-value': m.tls_carries_public_value,
  tls: m.tls_carries_under_server_public,
  'server-sends-secret': m.tls_carries_under_server_private,
  'client-has-certificate': m.tls_carries_under_client_public,
  'unchecked-certificates': m.tls_carries_under_shown,
}

export const SECRET_LABELS: { readonly [N in NamedSecret['name']]: () => string } = {
  'pre-master-secret': m.tls_pre_master_secret,
  'master-secret': m.tls_master_secret,
  'handshake-secret': m.tls_handshake_secret,
  'client-handshake-traffic-secret': m.tls_client_handshake_traffic,
  'server-handshake-traffic-secret': m.tls_server_handshake_traffic,
  'client-traffic-secret': m.tls_client_traffic,
  'server-traffic-secret': m.tls_server_traffic,
  'write-key': m.tls_write_key,
  'read-key': m.tls_read_key,
}

export const LAYER_LABELS: { readonly [L in OctetRange['layer']]: () => string } = {
  tcp: m.octets_tcp,
  record: m.octets_record,
  tls: m.octets_tls,
  http: m.octets_http,
}

export const FORMULA_LABELS: { readonly [F in Formula]: { readonly name: () => string; readonly formula: string } } = {
  'rsa-public': { name: m.overhear_rsa_public, formula: 'cᵉ mod n' },
  'rsa-private': { name: m.overhear_rsa_private, formula: 'cᵈ mod n' },
  'master-secret': {
    name: m.overhear_master_secret,
    formula: 'PRF(pre_master_secret, "master secret", client_random + server_random)',
  },
  'key-block': { name: m.overhear_key_block, formula: 'PRF(master_secret, "key expansion", server_random + client_random)' },
  'open-record': { name: m.overhear_open_record, formula: 'AEAD/CBC⁻¹(key, record)' },
}

export const VALUE_LABELS: { readonly [V in NamedValue['name']]: () => string } = {
  exchange: m.overhear_exchange,
  modulus: m.overhear_modulus,
  'public-exponent': m.overhear_public_exponent,
  'private-exponent': m.overhear_private_exponent,
  block: m.overhear_block,
  'pre-master-secret': m.tls_pre_master_secret,
  'client-random': m.overhear_client_random,
  'server-random': m.overhear_server_random,
  'master-secret': m.tls_master_secret,
  'client-key': m.overhear_client_key,
  'server-key': m.overhear_server_key,
  record: m.overhear_record,
  plaintext: m.overhear_plaintext,
}

export const MISSING_LABELS: { readonly [W in NonNullable<EavesdropResult['missing']>]: () => string } = {
  'private-key': m.overhear_missing_private_key,
  'private-value': m.overhear_missing_private_value,
  exchange: m.overhear_missing_exchange,
  handshake: m.overhear_missing_handshake,
}
