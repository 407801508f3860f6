/** TLS messages as they are written on a page, where nothing is selected at first. */
import type { Seat } from '../../protocol/seat.ts'
import { getTlsRules } from '../../protocol/tls/keys/rules.ts'
import { requiredKeyExchange } from '../../protocol/tls/endpoint/compose.ts'
import { negotiate } from '../../protocol/tls/endpoint/build-message.ts'
import type { MessageChoice } from '../../protocol/tls/endpoint/endpoint.ts'
import { suiteName } from '../../protocol/tls/acceptor/registry-names.ts'
import { tlsEndOf } from '../../protocol/round/rules/tls-end.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { sceneOf } from '../../protocol/round/fold/current-scene.ts'

/** The engine's choice, completed with the values that it leaves to the endpoint. */
export function inFull(world: World, seat: Seat, choice: MessageChoice): MessageChoice {
  const { tls } = sceneOf(world)
  if (!tls) throw new Error(`${sceneOf(world).id} has no TLS`)
  const { endpoint } = tlsEndOf(world, seat)
  const { versions, suites } = tls[seat]
  switch (choice.say) {
    case 'ClientHello':
      return { versions, suites, ...choice }
    case 'ServerHello': {
      const { version, suite } = negotiate(endpoint, { ...tls[seat], role: seat, rules: tls.rules })
      if (version === null || suite === null) throw new Error('nothing in common')
      return { version, suite, ...choice }
    }
    case 'ClientKeyExchange':
      return { ...requiredKeyExchange(endpoint, getTlsRules(tls.rules)), ...choice }
    case 'Finished':
      return { over: 'all-messages', ...choice }
    default:
      return choice
  }
}

/** What to enter in the form for a complete choice: the labels of the boxes to tick, and the values of selects by their ids. */
export function fieldsOf(choice: MessageChoice): {
  readonly ticks: readonly string[]
  readonly picks: readonly (readonly [string, string])[]
} {
  const picked = (fields: { readonly [id: string]: string | number | undefined }) => ({
    ticks: [],
    picks: Object.entries(fields).map(([id, value]) => [id, `${value}`] as const),
  })
  switch (choice.say) {
    case 'ClientHello': {
      const { versions = [], suites = [] } = choice
      return { ticks: [...versions.map((version) => `TLS ${version}`), ...suites.map(suiteName)], picks: [] }
    }
    case 'ServerHello':
      return picked({ 'tls-version': choice.version, 'tls-suite': choice.suite })
    case 'ClientKeyExchange':
      return picked({ 'tls-carries': choice.carries, 'tls-under': choice.under })
    case 'Finished':
      return picked({ 'tls-over': choice.over })
    case 'Alert':
      return picked({ 'tls-alert': choice.alert })
    default:
      return picked({})
  }
}
