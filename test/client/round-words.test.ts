import { describe, expect, it } from 'vitest'
import { listMessages, listOverheard, listSecrets, listSegments } from '../../client/src/round/scene-history.ts'
import { loadExercises } from '../../exercises/load.ts'
import { openQuestion } from '../../protocol/round/fold/progress.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const exercises = loadExercises('exercises')

describe('the messages that a host knows of', () => {
  const { views, world } = new RoundFixture(exercises.get('https-rsa')!).play()

  it('RFC 5246 7.3, figure 1: are those of both sides, in their order', () => {
    expect(listMessages(views.client).map(({ own, name }) => `${own ? '>' : '<'} ${name}`)).toEqual([
      '> ClientHello',
      '< ServerHello',
      '< Certificate',
      '< ServerHelloDone',
      '> ClientKeyExchange',
      '> ChangeCipherSpec',
      '> Finished',
      '< ChangeCipherSpec',
      '< Finished',
      '> request',
      '< response',
    ])
  })

  it('are the same seen from the other side, with the directions exchanged', () => {
    const of = (seat: 'client' | 'server') =>
      listMessages(views[seat]).map(({ own, name }) => ({ name, own: own === (seat === 'client') }))
    expect(of('server')).toEqual(of('client'))
  })

  it('come with the secrets of the host, each once, with their present values', () => {
    const secrets = listSecrets(views.client)
    const names = secrets.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(secrets.find(({ name }) => name === 'master-secret')?.hex).toBe(world.hosts.client.tls?.endpoint.secrets.master)
  })

  it('travel in the segments that have been sent and have arrived', () => {
    const ids = listSegments(views.client).map(({ id }) => id)
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
    expect(new Set(listSegments(views.client).map(({ from }) => from))).toEqual(new Set(['client', 'server']))
  })
})

describe('with several scenes', () => {
  const fixture = new RoundFixture(exercises.get('https-forward-secrecy')!, 'guided', undefined, { tcp: 'by-hand' }).play(
    ({ sceneIndex, hosts }) => sceneIndex === 1 && hosts.client.tls !== null,
  )

  it('nothing of an earlier one is told', () => {
    const first = listMessages(fixture.views.client).length
    fixture.act('client', { kind: 'write', message: { kind: 'tls', choice: { say: 'ClientHello' } } })
    expect(first).toBe(0)
    expect(listMessages(fixture.views.client).map(({ name }) => name)).toEqual(['ClientHello'])
    expect(listSecrets(fixture.views.client)).toEqual([])
    expect(listSegments(fixture.views.client)).toEqual([])
    expect(listOverheard(fixture.views.client)).toEqual([])
  })

  it('the eavesdropper’s findings are told where their scene has ended', () => {
    fixture.play((world) => openQuestion(world, 'client') !== undefined)
    expect(listOverheard(fixture.views.client).map(({ leaked }) => leaked)).toEqual([null, 'server'])
  })
})
