/** Generates TypeScript types from the schema of exercise files, for protocol/, which imports neither the schema nor TypeBox. */
import { SEATS } from '../protocol/seat.ts'
import { NOTATIONS } from '../protocol/notation.ts'
import { CONTROL_BITS, SEGMENT_KINDS } from '../protocol/segment.ts'
import { MISCONCEPTIONS } from '../protocol/findings.ts'
import { TCP_RULE_SETS } from '../protocol/tcp/rules.ts'
import { STATES } from '../protocol/tcp/states.ts'
import { NAMED_GROUPS } from '../protocol/tls/format/crypto.ts'
import { TLS_VERSIONS } from '../protocol/tls/format/messages.ts'
import { CIPHER_SUITES } from '../protocol/tls/format/suites.ts'
import { TLS_RULE_SETS } from '../protocol/tls/keys/rules.ts'
import { UPPER_LAYER_MESSAGES } from '../protocol/round/model/upper-layer-messages.ts'
import { IDENTITY_IDS } from './certificates.ts'
import { NAMED_PARTS } from './schema.ts'

/** The JSON Schema keywords that `printTypes` supports. */
interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly const?: string
  readonly enum?: readonly string[]
  readonly anyOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly properties?: { readonly [key: string]: JsonSchema }
  readonly patternProperties?: { readonly [pattern: string]: JsonSchema }
  readonly required?: readonly string[]
}

/** Types of protocol/ that stand for lists of values, by their module, relative to the generated file. */
const PROTOCOL_TYPES: { readonly [module: string]: { readonly [type: string]: readonly string[] } } = {
  '../../seat.ts': { Seat: SEATS },
  '../../notation.ts': { NotationKind: NOTATIONS },
  '../../segment.ts': { BitName: CONTROL_BITS.map(([name]) => name), SegmentKind: SEGMENT_KINDS },
  '../../findings.ts': { Misconception: MISCONCEPTIONS },
  '../../tcp/states.ts': { State: STATES },
  '../../tcp/rules.ts': { TcpRuleSetName: TCP_RULE_SETS },
  '../../tls/format/crypto.ts': { NamedGroup: NAMED_GROUPS },
  '../../tls/format/messages.ts': { TlsVersion: TLS_VERSIONS },
  '../../tls/keys/rules.ts': { TlsRuleSetName: TLS_RULE_SETS },
  './upper-layer-messages.ts': { UpperLayerMessage: UPPER_LAYER_MESSAGES },
}
/** Lists whose values are data, such as identity ids: they are typed as string. */
const OPEN_LISTS: readonly (readonly string[])[] = [IDENTITY_IDS, CIPHER_SUITES.map(({ name }) => name)]
const LISTS: readonly (readonly [type: string, values: readonly string[]])[] = [
  ...Object.values(PROTOCOL_TYPES).flatMap((types) => Object.entries(types)),
  ...OPEN_LISTS.map((values) => ['string', values] as const),
]

/** Identifies a part of the schema: everything but the description. */
const keyOf = (schema: JsonSchema): string => JSON.stringify({ ...schema, description: undefined })
const PART_NAMES = new Map(Object.entries(NAMED_PARTS).map(([name, part]) => [keyOf(part as JsonSchema), name]))

/** The source of protocol/round/model/exercise-file.ts, unformatted. Throws an `Error` if the schema uses an unsupported keyword. */
export function printTypes(): string {
  const types = Object.entries(NAMED_PARTS).map(([name, part]) => {
    const schema = part as JsonSchema
    const printed = schema.properties ? `interface ${name} ${printShape(schema)}` : `type ${name} = ${printShape(schema)}`
    return `${printDescription(schema)}export ${printed}\n`
  })
  return [
    '/**',
    ' * The types of an exercise file. Generated from exercises/schema.ts; do not edit. To generate them again:',
    ' * `npm test -- test/exercises/schema.test.ts -u`.',
    ' */',
    ...Object.entries(PROTOCOL_TYPES).map(([module, types]) => `import type { ${Object.keys(types).join(', ')} } from '${module}'`),
    '',
    ...types,
  ].join('\n')
}

const printType = (schema: JsonSchema): string => PART_NAMES.get(keyOf(schema)) ?? printShape(schema)

function printShape(schema: JsonSchema): string {
  const { type, enum: values, anyOf, items, properties, patternProperties } = schema
  if (values) return printList(values)
  if (schema.const !== undefined) return printLiteral(schema.const)
  if (anyOf) return anyOf.map(printType).join(' | ')
  if (items) return `readonly (${printType(items)})[]`
  if (patternProperties) return `{ readonly [name: string]: ${Object.values(patternProperties).map(printType).join(' | ')} }`
  if (properties) {
    const members = Object.entries(properties).map(
      ([key, member]) =>
        `${printDescription(member)}readonly ${key}${schema.required?.includes(key) ? '' : '?'}: ${printType(member)}`,
    )
    return `{\n${members.join('\n')}\n}`
  }
  if (type === 'integer') return 'number'
  if (type === 'string' || type === 'boolean') return type
  throw new Error(`no type can be printed for ${JSON.stringify(schema)}`)
}

/** A union: the type of protocol/ whose values are all in the list, and the other values as literals. */
function printList(values: readonly string[]): string {
  const [type, known = []] = LISTS.find(([, listed]) => listed.every((value) => values.includes(value))) ?? []
  const others = values.filter((value) => !known.includes(value))
  return [...others.map(printLiteral), ...(type ? [type] : [])].join(' | ')
}

const printLiteral = (value: string): string => `'${value}'`
const printDescription = ({ description }: JsonSchema): string => (description ? `/** ${description} */\n` : '')
