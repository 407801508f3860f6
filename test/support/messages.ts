/** TLS messages as they are written at a page, where nothing is chosen at first. */
import { rulesNamed } from '../../protocol/tls/rules.ts'
import { rightCargo } from '../../protocol/tls/compose.ts'
import { choose } from '../../protocol/tls/draft.ts'
import type { Choice } from '../../protocol/tls/endpoint.ts'
import { suiteName } from '../../protocol/tls/names.ts'
import type { Seat } from '../../protocol/world/exercise.ts'
import { endOf } from '../../protocol/world/tls.ts'
import { sceneOf, type World } from '../../protocol/world/world.ts'

/** The engine's choice with all that it leaves to the endpoint. */
export function inFull(world: World, seat: Seat, choice: Choice): Choice {
  const { tls } = sceneOf(world)
  if (!tls) throw new Error(`${sceneOf(world).id} has no TLS`)
  const { endpoint } = endOf(world, seat)
  const { versions, suites } = tls[seat]
  switch (choice.say) {
    case 'ClientHello':
      return { versions, suites, ...choice }
    case 'ServerHello': {
      const { version, suite } = choose(endpoint, { ...tls[seat], role: seat, rules: tls.rules })
      if (version === null || suite === null) throw new Error('nothing in common')
      return { version, suite, ...choice }
    }
    case 'ClientKeyExchange':
      return { ...rightCargo(endpoint, rulesNamed(tls.rules)), ...choice }
    case 'Finished':
      return { over: 'all-messages', ...choice }
    default:
      return choice
  }
}

/** What is to be done at the form for a choice in full: the labels of boxes that are ticked, and the values of selects by their ids. */
export function fieldsOf(choice: Choice): {
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
