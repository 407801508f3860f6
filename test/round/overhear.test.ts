/** The eavesdropper of a scene: what it computes from the wire, who sees that, and that it uses nothing else. */
import type { Seat } from '../../protocol/seat.ts'
import { describe, expect, it } from 'vitest'
import { nodeCrypto } from '../../crypto/node-crypto.ts'
import { CERTIFICATES, getIdentity } from '../../exercises/certificates.ts'
import { loadExercises } from '../../exercises/load.ts'
import { decodePrivateKey } from '../../protocol/tls/keys/certificate.ts'
import { eavesdrop } from '../../protocol/tls/watch/eavesdrop.ts'
import { fromHex } from '../../protocol/octets.ts'
import type { Exercise, Scene, Tls } from '../../protocol/round/model/exercise.ts'
import { foldEntries } from '../../protocol/round/fold/reducer.ts'
import { streamOffsetOf } from '../../protocol/round/fold/application-stream.ts'
import { sceneOf } from '../../protocol/round/fold/current-scene.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const http = loadExercises('exercises').get('http')!
const RSA = ['TLS_RSA_WITH_AES_128_CBC_SHA']
const ECDHE = ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256']

/** An exercise in which a page is requested and sent over TLS on an established connection. */
function secure(more: Pick<Tls, 'eavesdropper' | 'rules'>, suites: readonly string[]): Exercise {
  const [page] = http.scenes as [Scene]
  const established = { client: { state: 'ESTABLISHED' }, server: { state: 'ESTABLISHED' } } as const
  const scene: Scene = {
    ...page,
    opening: established,
    application: {
      client: [{ by: 'exercise', write: 'request', when: { read: 'Finished' } }],
      server: [{ by: 'exercise', write: 'response', when: { read: 'request' } }],
    },
    tls: {
      name: 'bank.example',
      client: { versions: ['1.2'], suites },
      server: { versions: ['1.2'], suites, shows: ['right'] },
      ...more,
    },
    milestones: { client: [], server: [] },
    network: { may: [] },
  }
  return { ...http, scenes: [scene] }
}

const played = (exercise: Exercise) => new RoundFixture(exercise).play()
/** Plays with somebody in the network seat, who has nothing to do because the wire is not stopped. */
function playedOverNetwork(exercise: Exercise): RoundFixture {
  const fixture = new RoundFixture(exercise, 'guided', undefined, { network: true })
  fixture.control({ kind: 'control', control: 'free-wire' })
  return fixture.play()
}
const overheardOn = ({ entries }: RoundFixture) =>
  entries.flatMap(({ effects }) => effects.filter((effect) => effect.kind === 'overheard'))

/** The octets of the segments that a seat has sent, as any capture contains them. */
function wireOf({ entries, worlds }: RoundFixture, seat: Seat): Uint8Array {
  const last = worlds.at(-1)!
  const { stream } = last.hosts[seat]
  const octets: string[] = []
  for (const effect of entries.flatMap(({ effects }) => effects))
    if (effect.kind === 'left' && effect.from === seat) {
      const at = streamOffsetOf(sceneOf(last), seat, effect.segment)
      for (let i = at; i < at + effect.segment.length; i++) octets[i] = stream.slice(2 * i, 2 * i + 2)
    }
  return fromHex(octets.join(''))
}

describe('an eavesdropper', () => {
  it('sits down to what the wire has carried once the conversation is over, and again with the key that leaks', () => {
    const [before, after, ...more] = overheardOn(played(secure({ eavesdropper: { leaks: 'server' } }, RSA)))
    expect(more).toEqual([])
    expect(before).toMatchObject({ leaked: null, plaintexts: [], missing: 'private-key' })
    expect(after).toMatchObject({ leaked: 'server', missing: null })
    expect(after?.plaintexts.map(({ data }) => Buffer.from(data, 'hex').toString()).join()).toContain('GET /hello.html')
  })

  it('RFC 5246 F.1.1.3: has no use for that key where it has only signed', () => {
    const [, after] = overheardOn(played(secure({ eavesdropper: { leaks: 'server' } }, ECDHE)))
    expect(after).toMatchObject({ leaked: 'server', plaintexts: [], missing: 'private-value' })
    expect(after?.steps.map(({ formula, works }) => ({ formula, works }))).toEqual(
      ['rsa-private', 'rsa-private'].map((formula) => ({ formula, works: false })),
    )
  })

  it('server-sends-secret, cf. RFC 5246 7.4.7: needs nothing but the certificate', () => {
    const [only, ...more] = overheardOn(played(secure({ eavesdropper: {}, rules: 'server-sends-secret' }, RSA)))
    expect(more).toEqual([])
    expect(only).toMatchObject({ leaked: null, missing: null })
  })

  it('knows what is on the wire and what has leaked, and nothing else', () => {
    const fixture = played(secure({ eavesdropper: { leaks: 'server' } }, RSA))
    const wire = { client: wireOf(fixture, 'client'), server: wireOf(fixture, 'server') }
    for (const { kind: _is, leaked, ...overheard } of overheardOn(fixture)) {
      const keys = leaked === null ? [] : [decodePrivateKey(getIdentity('right').key!)]
      expect(overheard).toEqual(eavesdrop({ wire, leaked: keys, certificates: CERTIFICATES }, nodeCrypto))
    }
  })

  it('leaves nothing of it in the world', () => {
    const { entries } = played(secure({ eavesdropper: { leaks: 'server' } }, RSA))
    const without = entries.map((entry) => ({
      ...entry,
      effects: entry.effects.map((effect) =>
        effect.kind === 'overheard' ? { ...effect, steps: [], plaintexts: [], missing: null } : effect,
      ),
    }))
    expect(foldEntries(without)).toEqual(foldEntries(entries))
  })

  it('is shown to both seats and to the network seat at the goal, and to nobody before', () => {
    const fixture = playedOverNetwork(secure({ eavesdropper: { leaks: 'server' } }, RSA))
    const shown = overheardOn(fixture).map(({ kind: _is, ...overheard }) => overheard)
    for (const views of [fixture.views.client, fixture.views.server, fixture.wireViews])
      expect(views.flatMap(({ event }) => event.overheard ?? [])).toEqual(shown)
  })

  it('has no part in a scene that does not ask for one', () => {
    const fixture = playedOverNetwork(secure({}, RSA))
    expect(overheardOn(fixture)).toEqual([])
    const secret = fixture.world.hosts.client.tls?.endpoint.secrets.preMaster
    expect(secret).toMatch(/^[0-9a-f]{96}$/)
    // Both ends know the secret, and their own views contain it.
    expect(JSON.stringify(fixture.wireViews)).not.toContain(secret)
  })
})
