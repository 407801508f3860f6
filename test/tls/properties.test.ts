import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  KEY_EXCHANGE_PAYLOADS,
  type MessageChoice,
  type EndpointConfig,
  EXCHANGE_KEYS,
  MESSAGES_WITHOUT_CHOICE,
} from '../../protocol/tls/endpoint/endpoint.ts'
import { ALERT, type AlertName } from '../../protocol/tls/format/messages.ts'
import { SEATS } from '../../protocol/seat.ts'
import { TLS_RULE_SETS } from '../../protocol/tls/keys/rules.ts'
import { ECDHE, host, Played, RSA, TLS13 } from './played.ts'
import { runs } from '../support/volume.ts'

const CONFIGS: readonly (readonly [string, Partial<EndpointConfig>])[] = [
  ['RSA', { suites: [RSA] }],
  ['ECDHE', { suites: [ECDHE, RSA], asksForCertificate: true }],
  ['TLS 1.3', { versions: ['1.3', '1.2'], suites: [TLS13, ECDHE], asksForCertificate: true }],
  ...TLS_RULE_SETS.map((rules) => [rules, { suites: [RSA], rules }] as const),
]

const suite = fc.constantFrom(RSA, ECDHE, TLS13, 0x1303, 0xffff)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

/** Any message that somebody may choose, with any of its options. */
const choice: fc.Arbitrary<MessageChoice> = fc
  .oneof(
    fc.record({ say: fc.constant('ClientHello'), suites: maybe(fc.array(suite)), hidden: maybe(fc.constant(true)) }),
    fc.record({ say: fc.constant('ServerHello'), suite: maybe(suite), version: maybe(fc.constantFrom('1.2', '1.3')) }),
    fc.record({ say: fc.constant('HelloRetryRequest'), group: maybe(fc.constantFrom('x25519', 'secp256r1')) }),
    fc.record({ say: fc.constant('Certificate'), none: maybe(fc.constant(true)) }),
    fc.record({
      say: fc.constant('ClientKeyExchange'),
      carries: maybe(fc.constantFrom(...KEY_EXCHANGE_PAYLOADS)),
      under: maybe(fc.constantFrom(...EXCHANGE_KEYS)),
    }),
    fc.record({ say: fc.constant('Finished'), over: maybe(fc.constantFrom('all-messages', 'own-messages')) }),
    fc.record({ say: fc.constant('ApplicationData'), data: fc.constantFrom('', '00', '474554') }),
    fc.record({ say: fc.constant('Alert'), alert: fc.constantFrom(...(Object.keys(ALERT) as AlertName[])) }),
    fc.record({ say: fc.constant('KeyUpdate'), requested: maybe(fc.boolean()) }),
    fc.record({ say: fc.constantFrom(...MESSAGES_WITHOUT_CHOICE) }),
  )
  // Options that are not chosen are left out.
  .map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)) as unknown as MessageChoice)

/** Null, half of the time, stands for the message that is due, so that conversations make progress. */
const acts = fc.array(fc.record({ role: fc.constantFrom(...SEATS), choice: fc.option(choice, { nil: null }) }), {
  minLength: 10,
  maxLength: 40,
})

describe.each(CONFIGS)('%s', (_name, config) => {
  const begin = () => new Played(host('client', config, 'client'), host('server', config))

  it('whatever an endpoint lets out, its peer takes', () => {
    fc.assert(
      fc.property(acts, (list) => {
        const round = begin()
        for (const { role, choice: chosen } of list) {
          if (chosen === null) round.act(role)
          else round.say(role, chosen)
          expect(round.failure).toBeUndefined()
        }
      }),
      runs('tlsConversations'),
    )
  })

  it('an octet that changes on its way makes nobody throw, and no two endpoints believe in different secrets', () => {
    const whole = begin()
    const messages = whole.run().length
    fc.assert(
      fc.property(fc.nat(messages - 1), fc.nat(), fc.integer({ min: 1, max: 255 }), (at, octet, by) => {
        const round = begin()
        round.tamper = (octets, message) =>
          octets.map((value, i) => (message === at && i === octet % octets.length ? value ^ by : value))
        round.run()
        // Neither side may take a handshake for complete if the other side has seen different messages.
        const { client, server } = round.at
        const done = [client, server].every(({ connection }) => connection.finished.client && connection.finished.server)
        expect(done && client.secrets.master !== server.secrets.master).toBe(false)
      }),
      runs('tlsChangedOctets'),
    )
  })
})
