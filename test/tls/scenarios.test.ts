/**
 * Plays the conversations of `test/scenarios/tls/*.txt`: two endpoints, each of which judges what it sends and what it receives.
 * Both must come to the same result.
 *
 * A file holds one or several scenarios, divided by a line `---`. The comment at the top of a scenario is the test's title and
 * names the rule. Then follows one statement per line (everything after a `#` is a comment):
 *
 *     rules server-sends-secret        a rule set of protocol/tls/keys/rules.ts; default: tls. The title starts with it
 *     crossing                         earlier messages may still have been on their way, as in a capture
 *
 *     client ClientHello suites=TLS_AES_128_GCM_SHA256 versions=1.3    a message; fields left out have the values of `written.ts`
 *     client Encrypted Handshake       a record that cannot be read
 *     client ends                      TCP's FIN of that side
 *     client owes Finished             checks the message that it has to send next; `nothing` for none
 *
 * A message may also have `verifies=yes|no` (its signature or verify data), `protected=yes|no` (whether its record was), `tcp=no`
 * (there is no TCP connection yet). Expected errors are at the end of a line: `!! rule` or `!! rule misconception`, several
 * divided by `;`.
 */
import { expect, it } from 'vitest'
import { type Finding, type Misconception, TLS_MISCONCEPTIONS } from '../../protocol/findings.ts'
import { type TlsConnection, type ObservedMessage, createConnection, citedVersion } from '../../protocol/tls/acceptor/connection.ts'
import type { CryptoResults } from '../../protocol/tls/acceptor/content-checks.ts'
import {
  type MessageContext,
  judgeFin,
  maySendMessage,
  mayReceiveMessage,
  dueMessage,
  type MessagePermission,
  judgedVersion,
} from '../../protocol/tls/acceptor/judge-message.ts'
import { peerOf, type Seat, SEATS } from '../../protocol/seat.ts'
import { TLS_RULE_SETS, type TlsRuleName, type TlsRules, TLS_RULE_CLAUSES, getTlsRules } from '../../protocol/tls/keys/rules.ts'
import { scenariosOf } from '../support/scenarios.ts'
import { written } from './written.ts'

const seen = new Set<Misconception>()
/** A rule and a version, such as `finished 1.3`. */
const kept = new Set<string>()
const broken = new Set<string>()

scenariosOf('tls', 'tls', (lines) => new Play(lines))

/** Rules that are checked when an endpoint is played; they are tested there. */
const PLAYED =
  /^certificate-(chain|name|validity|path|revocation|possession|checked)$|^alert-fits$|^carries-|^under-|^suite-supported$/

it('each rule is kept by one conversation and broken by another, in each version that has it', () => {
  const all = (Object.keys(TLS_RULE_CLAUSES) as TlsRuleName[]).filter((name) => !PLAYED.test(name)).flatMap(inVersions)
  expect({ neverKept: all.filter((name) => !kept.has(name)), neverBroken: all.filter((name) => !broken.has(name)) }).toEqual({
    neverKept: [],
    neverBroken: [],
  })
})

const inVersions = (name: TlsRuleName): string[] => [
  ...(TLS_RULE_CLAUSES[name][0] === null ? [] : [`${name} 1.2`]),
  ...(TLS_RULE_CLAUSES[name][1] === null ? [] : [`${name} 1.3`]),
]

it('each misconception about messages is what one conversation yields, and nothing beside it', () => {
  // These concern what somebody chooses to send or to trust, which no message shows yet.
  const played = ['encrypts-with-wrong-key', 'key-travels-whole', 'skips-certificate-check']
  expect(TLS_MISCONCEPTIONS.filter((name) => !seen.has(name)).sort()).toEqual(played)
})

class Play {
  readonly settings = /^(crossing$|rules )/
  readonly rules: TlsRules
  readonly #crossing: boolean
  readonly #views: Record<Seat, TlsConnection> = { client: createConnection('client'), server: createConnection('server') }

  constructor(lines: readonly string[]) {
    const named = lines.map((line) => /^rules (\S+)/.exec(line)).find((match) => match !== null)?.[1] ?? 'tls'
    const set = TLS_RULE_SETS.find((name) => name === named)
    if (!set) throw new Error(`no such rule set: ${named}`)
    this.rules = getTlsRules(set)
    this.#crossing = lines.includes('crossing')
  }

  step(line: string): void {
    const [what = '', marked = ''] = line.split(/\s*!!\s*/)
    const [first = '', verb = '', ...words] = what.split(/\s+/)
    const role = SEATS.find((name) => name === first)
    if (!role) throw new Error(`neither client nor server: ${first}`)
    const own = this.#views[role]
    if (verb === 'owes') return expect(dueMessage(own, this.rules) ?? 'nothing').toBe(words[0])
    if (verb === 'ends') {
      const finding = judgeFin(own, role, this.rules)
      expect(judgeFin(this.#views[peerOf(role)], role, this.rules)).toEqual(finding)
      ;(finding ? broken : kept).add(`closes-with-notify ${citedVersion(own)}`)
      return expect(finding ? 'closes-with-notify' : '').toBe(marked)
    }
    const fields = new Map(words.filter((word) => word.includes('=')).map((word) => cut(word)))
    const message = verb === 'Encrypted' ? encrypted(words[0]) : written(verb, fields, own)
    const ask: MessageContext = {
      rules: this.rules,
      cryptoResults: knownOf(fields),
      ...(fields.get('tcp') === 'no' && { transport: false }),
      crossing: this.#crossing,
    }
    const said = maySendMessage(own, message, ask)
    const heard = mayReceiveMessage(this.#views[peerOf(role)], message, ask)
    this.#counts(said, own, message)
    expect(result(heard)).toBe(result(said))
    expect(result(said)).toBe(marked)
    if (!said.ok || !heard.ok) return
    const { role: _, ...one } = said.connection
    expect(heard.connection).toEqual({ ...one, role: peerOf(role) })
    this.#views[role] = said.connection
    this.#views[peerOf(role)] = heard.connection
  }

  #counts(permission: MessagePermission, before: TlsConnection, message: ObservedMessage): void {
    if (this.rules.name !== 'tls') return
    if (permission.ok) {
      const version = citedVersion(permission.connection)
      for (const rule of [permission.rule, ...permission.kept]) kept.add(`${rule} ${version}`)
      kept.add(`tcp-first ${version}`).add(`order ${version}`)
      if (before.protects.client || before.protects.server) kept.add(`protects ${version}`)
      if (before.closed.client !== before.closed.server) {
        kept.add(`silent-after-close ${version}`)
        if (version === '1.2') kept.add('answers-close 1.2')
      }
      if (!permission.connection.failed.client && !permission.connection.failed.server) kept.add(`silent-after-fatal ${version}`)
      return
    }
    const version = judgedVersion(before, message)
    for (const [i, rule] of permission.broken.entries()) {
      // If the version does not have the message, the broken rule is the order of messages.
      const has = TLS_RULE_CLAUSES[rule][version === '1.2' ? 0 : 1] !== null
      broken.add(`${has ? rule : 'order'} ${version}`)
      expect(permission.findings[i]?.rule).toBe(
        TLS_RULE_CLAUSES[rule][version === '1.2' ? 0 : 1] ?? TLS_RULE_CLAUSES.order[version === '1.2' ? 0 : 1],
      )
    }
    const [only, ...others] = permission.findings
    if (only?.misconception && others.length === 0) seen.add(only.misconception)
  }
}

const result = (permission: MessagePermission): string =>
  permission.ok ? '' : permission.findings.map((finding, i) => said(finding, permission.broken[i])).join('; ')
const said = ({ misconception }: Finding, rule: TlsRuleName | undefined): string => [rule, misconception].filter(Boolean).join(' ')

const knownOf = (fields: ReadonlyMap<string, string>): CryptoResults => ({
  ...(fields.has('verifies') && { verifies: fields.get('verifies') === 'yes' }),
  ...(fields.has('protected') && { protected: fields.get('protected') === 'yes' }),
})

function encrypted(content: string | undefined): ObservedMessage {
  if (content !== 'Handshake' && content !== 'Alert' && content !== 'ApplicationData')
    throw new Error(`no such content: ${content}`)
  return { kind: 'Encrypted', content }
}

/** Splits `name=value` into a pair. */
const cut = (word: string): [string, string] => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]
