/** Generates the tables of `docs/protocol.md` from the contract. */
import { CLIENT_EVENTS, SERVER_EVENTS } from '../../contract/events.ts'
import { TOKEN_NEEDS, type AccessKey } from '../../server/identity/access.ts'
import { ROUTES } from '../../contract/routes/all-routes.ts'

/** The parts of a JSON schema that the tables use. */
interface Shape {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly items?: Shape
}

interface Declaration {
  readonly summary: string
  readonly access?: string
  readonly body?: object
  readonly payload?: object
  readonly answer?: object
  readonly contentType?: string
}

/**
 * A short form of a schema, such as `{ title, partner? }[]`: property names of the first level only; named types of the contract
 * by name.
 */
function sketch(schema: object | undefined): string {
  if (!schema) return '–'
  const shape: Shape = schema
  if (shape.type === 'array') return `${sketch(shape.items)}[]`
  if (!shape.properties) return shape.description?.split(' ')[0] ?? shape.type ?? 'JSON'
  const names = Object.keys(shape.properties).map((name) => (shape.required?.includes(name) ? name : `${name}?`))
  return names.length === 0 ? '{}' : `{ ${names.join(', ')} }`
}
const code = (text: string) => (text === '–' ? text : `\`${text}\``)

type Column = readonly [head: string, cell: (name: string, declaration: Declaration) => string]
const table = (columns: readonly Column[], declared: Readonly<Record<string, Declaration>>): string =>
  [
    columns.map(([head]) => head),
    columns.map(() => '---'),
    ...Object.entries(declared).map(([name, declaration]) => columns.map(([, cell]) => cell(name, declaration))),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

const summary: Column = ['what', (_, declaration) => declaration.summary]
const who: Column = ['who', (_, { access = '' }) => access]
const token: Column = ['token', (name) => TOKEN_NEEDS[name as AccessKey].replace('none', '–')]
const answer: Column = ['answer', (_, declaration) => code(declaration.contentType ?? sketch(declaration.answer))]
const payload: Column = ['payload', (_, declaration) => code(sketch(declaration.payload))]

const TABLES: Readonly<Record<string, string>> = {
  routes: table(
    [['route', (name) => code(name)], summary, who, token, ['body', (_, { body }) => code(sketch(body))], answer],
    ROUTES,
  ),
  'events from a page': table([['event', (name) => code(name)], summary, who, token, payload, answer], CLIENT_EVENTS),
  'events to a page': table([['event', (name) => code(name)], summary, payload], SERVER_EVENTS),
}

/** The page with every table between `<!-- table: NAME -->` and `<!-- end -->` generated again. */
export const withTables = (page: string): string =>
  page.replace(
    /(<!-- table: ([\w ]+) -->\n).*?(<!-- end -->)/gs,
    (_, open: string, name: string, close: string) => `${open}\n${TABLES[name]}\n\n${close}`,
  )
