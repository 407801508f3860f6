/** TLS in a round: choices become messages, messages become octets, and TCP numbers the octets. */
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import type { MessageChoice } from '../../protocol/tls/endpoint/endpoint.ts'
import { listEndpointSecrets } from '../../protocol/tls/endpoint/list-secrets.ts'
import { foldEntries } from '../../protocol/round/fold/reducer.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { LEVELS } from '../../protocol/round/model/exercise.ts'
import { exportCapture } from '../../protocol/round/export/capture-file.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import { playThrough } from '../../protocol/round/play/play-through.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import { redactSecrets } from '../../protocol/round/view/redact-secrets.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { tshark } from '../../scripts/lib/programs.mjs'
import { RoundFixture } from '../support/round-fixture.ts'

const IDS = ['https-rsa', 'https-tls13', 'https-full'] as const
const exercises = loadExercises('exercises')
const of = (id: (typeof IDS)[number]) => exercises.get(id)!

const say = (fixture: RoundFixture, seat: Seat, choice: MessageChoice) =>
  fixture.act(seat, { kind: 'write', message: { kind: 'tls', choice } })

/** The built-in partner plays both seats until `until` returns true. */
function play(fixture: RoundFixture, until: (fixture: RoundFixture) => boolean = () => false): RoundFixture {
  for (let i = 0; i < 200 && !fixture.world.over && !until(fixture); i++)
    for (const seat of SEATS) {
      const move = until(fixture) ? null : choosePartnerMove(fixture.world, seat, { style: 'exact', pace: 'at-once' })
      if (move) expect(fixture.act(seat, move.action).verdict.outcome).toBe('accepted')
    }
  return fixture
}

describe.each(IDS)('%s, played by two partners', (id) => {
  it.each(LEVELS)('reaches its goal with full marks: %s', (level) => {
    const fixture = play(new RoundFixture(of(id), level, seededRandom(5)))
    expect(fixture.world.over).toBe('goal')
    for (const seat of SEATS) expect(computeScore(fixture.world, seat).eighths).toBe(computeScore(fixture.world, seat).of)
    expect(foldEntries(JSON.parse(JSON.stringify(fixture.entries)))).toEqual(JSON.parse(JSON.stringify(fixture.world)))
  })

  it('has nothing secret in what the other seat or a follower receives while it is played', () => {
    const fixture = play(new RoundFixture(of(id)))
    const [client, server] = SEATS.map((seat) => fixture.world.hosts[seat].tls!.endpoint)
    const { seed } = fixture.world.script.scenes[0]!.tls!
    const secrets = [client, server].flatMap((end) =>
      Object.values(end!.secrets).flatMap((value) => (value ? Object.values(value) : [])),
    )
    const keys = [client, server].flatMap((end) => [end!.writes!.key, end!.reads!.key])
    const bare = (seat: Seat) => fixture.views[seat].map(({ event: { secrets: _own, ...event }, now }) => ({ event, now }))
    const told = [bare('client'), bare('server'), fixture.entries.map(redactSecrets)].map((each) => JSON.stringify(each))
    const whole = [client!.secrets.master, client!.secrets.preMaster, client!.secrets.handshake].filter((secret) => secret !== null)
    expect(secrets.length).toBeGreaterThan(0)
    for (const secret of [seed, ...whole, ...keys]) for (const text of told) expect(text).not.toContain(secret)
  })

  it('tells each seat what its own end has computed, once it has, and nobody else', () => {
    const fixture = play(new RoundFixture(of(id)))
    for (const seat of SEATS) {
      const own = Object.values(listEndpointSecrets(fixture.world.hosts[seat].tls!.endpoint)).map(({ hex }) => hex)
      const told = fixture.views[seat].flatMap(({ event: { secrets = [] } }) => secrets.map(({ hex }) => hex))
      expect(told).toEqual(expect.arrayContaining(own))
      const first = fixture.views[seat].findIndex(({ event }) => event.secrets)
      expect(
        fixture.views[seat]
          .slice(0, first)
          .some(({ event: { read = [], wrote = [] } }) => [...read, ...wrote].some(({ encrypted }) => encrypted)),
      ).toBe(false)
    }
  })

  it('folds without its secrets as well', () => {
    const fixture = play(new RoundFixture(of(id)))
    expect(foldEntries(fixture.entries.map(redactSecrets))?.hosts.server.readMessages).toEqual(
      fixture.world.hosts.server.readMessages,
    )
  })
})

describe('a message of TLS', () => {
  const rsa = () => new RoundFixture(of('https-rsa'), 'guided', seededRandom(1))

  it('RFC 5246 7.4.7: in another place is refused, and costs as a wrong segment does', () => {
    expect(say(rsa(), 'client', { say: 'Finished' }).verdict).toMatchObject({
      outcome: 'refused',
      findings: [{ field: 'message' }],
    })
  })

  it('RFC 5246 7.4.1.3: chooses from what was offered', () => {
    const fixture = play(rsa(), ({ world }) => world.hosts.server.readMessages.includes('ClientHello'))
    expect(say(fixture, 'server', { say: 'ServerHello', suite: 0x009c }).verdict.findings).toMatchObject([
      { misconception: 'suite-not-offered' },
    ])
    expect(say(fixture, 'server', { say: 'ServerHello' }).verdict.outcome).toBe('accepted')
  })

  it('RFC 5246 7.4.7.1: carries the pre-master secret, not the key', () => {
    const fixture = play(rsa(), ({ world }) => world.hosts.client.readMessages.includes('ServerHelloDone'))
    expect(say(fixture, 'client', { say: 'ClientKeyExchange', carries: 'session-key' }).verdict.findings).toMatchObject([
      { misconception: 'key-travels-whole' },
    ])
  })

  it('RFC 5246 7.3: application data waits for both Finished', () => {
    const fixture = play(rsa(), ({ world }) => world.hosts.client.readMessages.includes('ServerHelloDone'))
    const text = 'GET /rates.txt HTTP/1.1\nHost: bank.example\n\n'
    expect(fixture.act('client', { kind: 'write', message: { kind: 'http', text } }).verdict).toMatchObject({
      outcome: 'refused',
      findings: [{ field: 'message' }],
    })
  })

  it('RFC 5246 7.2.2: a fatal alert is asked about first, since nothing can be said after it', () => {
    const alert = { say: 'Alert', alert: 'internal_error' } as const
    expect(say(rsa(), 'client', alert).verdict.outcome).toBe('asked')
  })

  it('shows what is in it to whom it has reached', () => {
    const fixture = play(rsa(), ({ world }) => world.hosts.client.readMessages.includes('Certificate'))
    const read = fixture.views.client.flatMap(({ event }) => event.read ?? [])
    expect(read.find(({ name }) => name === 'Certificate')?.facts).toContainEqual({ name: 'subject', value: 'bank.example' })
  })
})

describe.skipIf(!tshark)('Wireshark', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'handshake-tls-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(IDS)('reads %s in the clear with the secrets, and cannot without', (id) => {
    const { entries } = playThrough(
      instantiateExercise(of(id), 'guided', seededRandom(3)),
      { client: 'exact', server: 'piggybacking' },
      TLS_TOOLS,
    )
    const path = join(folder, `${id}.pcapng`)
    const run = (secrets: boolean, ...args: string[]) => {
      writeFileSync(path, exportCapture(entries, { secrets }))
      return execFileSync(tshark!, ['-r', path, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    }
    expect(run(true, '-Y', 'http', '-T', 'fields', '-e', 'http.request.method')).toContain('GET')
    expect(run(true, '-q', '-z', 'expert')).not.toMatch(/Errors \(|Malformed/)
    expect(run(false, '-Y', 'http')).toBe('')
    expect(run(false, '-q', '-z', 'expert')).not.toMatch(/Errors \(|Malformed/)
  })
})
