/** A man in the middle: what he reads and changes, what the hosts notice of it, and who is shown it. */
import { describe, expect, it } from 'vitest'
import { findContradictions } from '../../exercises/contradictions.ts'
import { loadExercises } from '../../exercises/load.ts'
import { foldEntries } from '../../protocol/round/fold/reducer.ts'
import type { Effect } from '../../protocol/round/model/effect.ts'
import type { Exercise, Scene, Tls } from '../../protocol/round/model/exercise.ts'
import { redactSecrets } from '../../protocol/round/view/redact-secrets.ts'
import type { Seat } from '../../protocol/seat.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const exercise = loadExercises('exercises').get('https-man-in-the-middle')!
const [unchecked, foundOut] = exercise.scenes as unknown as [Scene & { tls: Tls }, Scene & { tls: Tls }]
const { interceptor } = unchecked.tls
if (!interceptor) throw new Error('the scene has no interceptor')

/** The exercise with this scene only, its TLS changed. */
const withScene = (scene: Scene & { tls: Tls }, tls: Partial<Tls> = {}): Exercise => ({
  ...exercise,
  scenes: [{ ...scene, tls: { ...scene.tls, ...tls } }],
  pool: {},
})
const played = (one: Exercise, network = false) => {
  const fixture = new RoundFixture(one, 'guided', undefined, { network })
  if (network) fixture.control({ kind: 'control', control: 'free-wire' })
  return fixture.play()
}
const effectsOf = <K extends Effect['kind']>({ entries }: RoundFixture, kind: K) =>
  entries.flatMap(({ effects }) => effects.filter((effect): effect is Extract<Effect, { kind: K }> => effect.kind === kind))
const textsRead = (fixture: RoundFixture, by: Seat) =>
  effectsOf(fixture, 'read').flatMap(({ seat, text }) => (seat === by && text !== undefined ? [text] : []))
const decoded = (hex: string) => Buffer.from(hex, 'hex').toString()

describe('a man in the middle, where nobody checks the certificate', () => {
  const fixture = played(withScene(unchecked), true)

  it('reads the request and changes the page, and the conversation goes on to its goal', () => {
    expect(fixture.world.over).toBe('goal')
    const [request] = textsRead(fixture, 'server')
    const [page] = textsRead(fixture, 'client')
    const { intercepted } = effectsOf(fixture, 'overheard')[0]!
    expect(intercepted?.map(({ from, read, sent }) => ({ from, read: decoded(read), sent: decoded(sent) }))).toEqual([
      { from: 'client', read: request, sent: request },
      { from: 'server', read: page!.replace('6666', '1122'), sent: page },
    ])
    expect(request).toContain('pin=')
    expect(page).toContain('account 6666')
  })

  it('computes what he reads with the private key of his own certificate', () => {
    const [{ steps, missing }] = effectsOf(fixture, 'overheard') as [Extract<Effect, { kind: 'overheard' }>]
    expect(missing).toBeNull()
    expect(steps.map(({ formula }) => formula)).toEqual(['rsa-private', 'master-secret', 'key-block', 'open-record', 'open-record'])
    expect(steps.every(({ works }) => works)).toBe(true)
  })

  it('has keys of its own with each side, and sends on as many octets as it has read', () => {
    const { client, server } = fixture.world.hosts
    expect(client.tls?.endpoint.secrets.preMaster).not.toBe(server.tls?.endpoint.secrets.preMaster)
    for (const { stream, relayed } of [client, server]) {
      expect(relayed).toHaveLength(stream.length)
      expect(relayed).not.toBe(stream)
    }
  })

  it('is live for the network seat, and the hosts are shown it at the goal only', () => {
    expect(fixture.wireViews.flatMap(({ event }) => event.relayed ?? []).flatMap(({ read }) => read)).toContain('Certificate')
    for (const views of [fixture.views.client, fixture.views.server]) {
      const told = views.findIndex(({ event }) => event.overheard)
      expect(views[told]?.event.overheard).toHaveLength(1)
      expect(JSON.stringify(views.filter((_, i) => i !== told))).not.toMatch(/relayed|intercept/)
    }
  })

  it('leaves no secrets in a log for others, which still folds', () => {
    const redacted = fixture.entries.map(redactSecrets)
    const relayed = JSON.stringify(redacted.flatMap(({ effects }) => effects.filter(({ kind }) => kind === 'relayed')))
    const { endpoints } = fixture.world.interceptor!
    for (const secret of [endpoints.client.secrets.master!, endpoints.server.secrets.master!, endpoints.client.reads!.key])
      expect(relayed).not.toContain(secret)
    expect(foldEntries(redacted)?.hosts.client.relayed).toBe(fixture.world.hosts.client.relayed)
  })

  it.each([
    ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', '1.2'],
    ['TLS_AES_128_GCM_SHA256', '1.3'],
  ] as const)('does the same with %s', (suite, version) => {
    const able = { versions: [version], suites: [suite] }
    const other = played(withScene(unchecked, { client: able, server: { ...able, shows: ['right'] } }))
    expect(other.world.over).toBe('goal')
    expect(textsRead(other, 'client')[0]).toContain('account 6666')
  })
})

describe('a man in the middle, where the client checks the certificate', () => {
  it('is found out by the chain, before a secret is sent, and has read nothing', () => {
    const fixture = played(withScene(foundOut))
    expect(fixture.world.over).toBe('goal')
    expect(fixture.world.hosts.client.tls?.endpoint.peer?.faults).toEqual(['unknown-issuer'])
    expect(effectsOf(fixture, 'overheard')).toMatchObject([{ intercepted: [], steps: [], missing: 'exchange' }])
  })
})

describe('an interceptor in a file', () => {
  const problemsOf = (change: Partial<NonNullable<Tls['interceptor']>>) =>
    findContradictions(withScene(unchecked, { interceptor: { ...interceptor, ...change } }))

  it('shows certificates as long as the server does, and changes nothing in length', () => {
    expect(problemsOf({})).toEqual([])
    expect(problemsOf({ shows: 'self-signed' })).toMatchObject([{ path: ['scenes', 0, 'tls', 'interceptor', 'shows'] }])
    expect(problemsOf({ changes: [{ text: '1122', into: '99999' }] })).toMatchObject([
      { path: ['scenes', 0, 'tls', 'interceptor', 'changes', 0] },
    ])
  })

  it('that could not send on as much lets everything pass, and reads no more', () => {
    const fixture = played(withScene(foundOut, { interceptor: { ...interceptor, shows: 'self-signed' } }))
    expect(fixture.world.interceptor).toBeNull()
    expect(effectsOf(fixture, 'relayed').at(-1)).toMatchObject({ facing: null })
  })
})
