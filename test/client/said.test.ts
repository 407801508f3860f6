import { describe, expect, it } from 'vitest'
import { messagesOf, overheardOf, secretsOf, segmentsOf } from '../../client/src/lib/said.ts'
import { loadExercises } from '../../exercises/load.ts'
import { openQuestion } from '../../protocol/world/conditions.ts'
import { Stage } from '../support/stage.ts'

const exercises = loadExercises('exercises')

describe('what has been said, as a host knows it', () => {
  const { views, world } = new Stage(exercises.get('https-rsa')!).play()

  it('RFC 5246 7.3, figure 1: is both sides’ messages in their order', () => {
    expect(messagesOf(views.client).map(({ own, name }) => `${own ? '>' : '<'} ${name}`)).toEqual([
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

  it('is the same from the other side, the other way round', () => {
    const of = (seat: 'client' | 'server') =>
      messagesOf(views[seat]).map(({ own, name }) => ({ name, own: own === (seat === 'client') }))
    expect(of('server')).toEqual(of('client'))
  })

  it('comes with the secrets of the host, each once, as they are now', () => {
    const secrets = secretsOf(views.client)
    const names = secrets.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(secrets.find(({ name }) => name === 'master-secret')?.hex).toBe(world.hosts.client.tls?.endpoint.secrets.master)
  })

  it('travels in the segments that have been sent and have arrived', () => {
    const ids = segmentsOf(views.client).map(({ id }) => id)
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
    expect(new Set(segmentsOf(views.client).map(({ from }) => from))).toEqual(new Set(['client', 'server']))
  })
})

describe('with several scenes', () => {
  const stage = new Stage(exercises.get('https-forward-secrecy')!).play(
    ({ scene, hosts }) => scene === 1 && hosts.client.tls !== null,
  )

  it('nothing of an earlier one is told', () => {
    const first = messagesOf(stage.views.client).length
    stage.act('client', { type: 'write', message: { layer: 'tls', choice: { say: 'ClientHello' } } })
    expect(first).toBe(0)
    expect(messagesOf(stage.views.client).map(({ name }) => name)).toEqual(['ClientHello'])
    expect(secretsOf(stage.views.client)).toEqual([])
    expect(segmentsOf(stage.views.client)).toEqual([])
    expect(overheardOf(stage.views.client)).toEqual([])
  })

  it('the eavesdropper’s findings are told where their scene has ended', () => {
    stage.play((world) => openQuestion(world, 'client') !== undefined)
    expect(overheardOf(stage.views.client).map(({ leaked }) => leaked)).toEqual([null, 'server'])
  })
})
