/** TLS in a round: choices become messages, messages octets, and octets what TCP numbers. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { TLS_TOOLS } from '../../exercises/tls.ts'
import type { Choice } from '../../protocol/tls/endpoint.ts'
import { secretsOf } from '../../protocol/tls/secrets.ts'
import { fold } from '../../protocol/world/apply.ts'
import { drawScript } from '../../protocol/world/draw.ts'
import { LEVELS, SEATS, type Seat } from '../../protocol/world/exercise.ts'
import { captureOf } from '../../protocol/world/packets.ts'
import { partnerMove } from '../../protocol/world/partner.ts'
import { rehearse } from '../../protocol/world/rehearse.ts'
import { score } from '../../protocol/world/score.ts'
import { withoutSecrets } from '../../protocol/world/secrets.ts'
import { seeded } from '../../protocol/world/seeded.ts'
import { tshark } from '../../scripts/lib/programs.mjs'
import { Stage } from '../support/stage.ts'

const IDS = ['https-rsa', 'https-tls13', 'https-full'] as const
const exercises = loadExercises('exercises')
const of = (id: (typeof IDS)[number]) => exercises.get(id)!

const say = (stage: Stage, seat: Seat, choice: Choice) => stage.act(seat, { type: 'write', message: { layer: 'tls', choice } })

/** Both seats are the partner's until `until` holds. */
function play(stage: Stage, until: (stage: Stage) => boolean = () => false): Stage {
  for (let i = 0; i < 200 && !stage.world.over && !until(stage); i++)
    for (const seat of SEATS) {
      const move = until(stage) ? null : partnerMove(stage.world, seat, { style: 'exact', pace: 'at-once' })
      if (move) expect(stage.act(seat, move.action).verdict.outcome).toBe('accepted')
    }
  return stage
}

describe.each(IDS)('%s, played by two partners', (id) => {
  it.each(LEVELS)('reaches its goal with full marks: %s', (level) => {
    const stage = play(new Stage(of(id), level, seeded(5)))
    expect(stage.world.over).toBe('goal')
    for (const seat of SEATS) expect(score(stage.world, seat).eighths).toBe(score(stage.world, seat).of)
    expect(fold(JSON.parse(JSON.stringify(stage.entries)))).toEqual(JSON.parse(JSON.stringify(stage.world)))
  })

  it('has nothing secret in what the other seat or a follower receives while it is played', () => {
    const stage = play(new Stage(of(id)))
    const [client, server] = SEATS.map((seat) => stage.world.hosts[seat].tls!.endpoint)
    const { seed } = stage.world.script.scenes[0]!.tls!
    const secrets = [client, server].flatMap((end) =>
      Object.values(end!.secrets).flatMap((value) => (value ? Object.values(value) : [])),
    )
    const keys = [client, server].flatMap((end) => [end!.writes!.key, end!.reads!.key])
    const bare = (seat: Seat) => stage.views[seat].map(({ event: { secrets: _own, ...event }, now }) => ({ event, now }))
    const told = [bare('client'), bare('server'), stage.entries.map(withoutSecrets)].map((each) => JSON.stringify(each))
    const whole = [client!.secrets.master, client!.secrets.preMaster, client!.secrets.handshake].filter((secret) => secret !== null)
    expect(secrets.length).toBeGreaterThan(0)
    for (const secret of [seed, ...whole, ...keys]) for (const text of told) expect(text).not.toContain(secret)
  })

  it('tells each seat what its own end has computed, once it has, and nobody else', () => {
    const stage = play(new Stage(of(id)))
    for (const seat of SEATS) {
      const own = Object.values(secretsOf(stage.world.hosts[seat].tls!.endpoint)).map(({ hex }) => hex)
      const told = stage.views[seat].flatMap(({ event: { secrets = [] } }) => secrets.map(({ hex }) => hex))
      expect(told).toEqual(expect.arrayContaining(own))
      const first = stage.views[seat].findIndex(({ event }) => event.secrets)
      expect(
        stage.views[seat]
          .slice(0, first)
          .some(({ event: { read = [], wrote = [] } }) => [...read, ...wrote].some(({ encrypted }) => encrypted)),
      ).toBe(false)
    }
  })

  it('folds without its secrets as well', () => {
    const stage = play(new Stage(of(id)))
    expect(fold(stage.entries.map(withoutSecrets))?.hosts.server.read).toEqual(stage.world.hosts.server.read)
  })
})

describe('a message of TLS', () => {
  const rsa = () => new Stage(of('https-rsa'), 'guided', seeded(1))

  it('RFC 5246 7.4.7: in another place is refused, and costs as a wrong segment does', () => {
    expect(say(rsa(), 'client', { say: 'Finished' }).verdict).toMatchObject({
      outcome: 'refused',
      findings: [{ field: 'message' }],
    })
  })

  it('RFC 5246 7.4.1.3: chooses from what was offered', () => {
    const stage = play(rsa(), ({ world }) => world.hosts.server.read.includes('ClientHello'))
    expect(say(stage, 'server', { say: 'ServerHello', suite: 0x009c }).verdict.findings).toMatchObject([
      { misconception: 'suite-not-offered' },
    ])
    expect(say(stage, 'server', { say: 'ServerHello' }).verdict.outcome).toBe('accepted')
  })

  it('RFC 5246 7.4.7.1: carries the pre-master secret, not the key', () => {
    const stage = play(rsa(), ({ world }) => world.hosts.client.read.includes('ServerHelloDone'))
    expect(say(stage, 'client', { say: 'ClientKeyExchange', carries: 'session-key' }).verdict.findings).toMatchObject([
      { misconception: 'key-travels-whole' },
    ])
  })

  it('RFC 5246 7.3: application data waits for both Finished', () => {
    const stage = play(rsa(), ({ world }) => world.hosts.client.read.includes('ServerHelloDone'))
    const text = 'GET /rates.txt HTTP/1.1\nHost: bank.example\n\n'
    expect(stage.act('client', { type: 'write', message: { layer: 'http', text } }).verdict).toMatchObject({
      outcome: 'refused',
      findings: [{ field: 'message' }],
    })
  })

  it('RFC 5246 7.2.2: a fatal alert is asked about first, since nothing can be said after it', () => {
    const alert = { say: 'Alert', alert: 'internal_error' } as const
    expect(say(rsa(), 'client', alert).verdict.outcome).toBe('asked')
  })

  it('shows what is in it to whom it has reached', () => {
    const stage = play(rsa(), ({ world }) => world.hosts.client.read.includes('Certificate'))
    const read = stage.views.client.flatMap(({ event }) => event.read ?? [])
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
    const { entries } = rehearse(drawScript(of(id), 'guided', seeded(3)), { client: 'exact', server: 'piggybacking' }, TLS_TOOLS)
    const path = join(folder, `${id}.pcapng`)
    const run = (secrets: boolean, ...args: string[]) => {
      writeFileSync(path, captureOf(entries, { secrets }))
      return execFileSync(tshark!, ['-r', path, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    }
    expect(run(true, '-Y', 'http', '-T', 'fields', '-e', 'http.request.method')).toContain('GET')
    expect(run(true, '-q', '-z', 'expert')).not.toMatch(/Errors \(|Malformed/)
    expect(run(false, '-Y', 'http')).toBe('')
    expect(run(false, '-q', '-z', 'expert')).not.toMatch(/Errors \(|Malformed/)
  })
})
