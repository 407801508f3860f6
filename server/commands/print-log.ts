/** `handshake log ROUND`: prints the rows of a round as text, whichever version has written them. */
import type { Entry } from '../../protocol/round/model/entry.ts'
import type { Config } from '../base/config.ts'
import { DatabaseError } from '../database/error.ts'
import { readRow } from '../rounds/log-postgres.ts'
import { openRows } from './stored-rows.ts'

/** Resolves to the lines. It changes nothing and does not require pending migrations to be applied. Throws `DatabaseError`. */
export async function printLog(config: Pick<Config, 'databaseUrl' | 'dataDir'>, roundId: string): Promise<string> {
  const { readRows, close } = await openRows(config)
  try {
    const rows = await readRows(roundId)
    if (rows.length === 0) throw new DatabaseError(`There is no round ${roundId} in this classroom.`)
    return [`round ${roundId}`, ...rows.map(readRow).flatMap(describeEntry)].join('\n')
  } finally {
    await close()
  }
}

/** `#6  2026-…  client  send  …`, and below it the verdict, its findings and the effects. */
function describeEntry({ index, at, actor, actionId, action, seen, engine, verdict, effects }: Entry): string[] {
  const { outcome, findings, ...more } = verdict
  const context = describeFields({ id: actionId, ...(seen === null ? {} : { seen }), ...(engine === undefined ? {} : { engine }) })
  return [
    '',
    `#${index}  ${at}  ${actor}  ${context}`,
    `    ${describe(action)}`,
    `    ${[outcome, describeFields(more)].filter(Boolean).join('  ')}`,
    ...[...findings, ...effects].map((each) => `        ${describe(each)}`),
  ]
}

const describe = ({ kind, ...fields }: { readonly kind: string }) => [kind, describeFields(fields)].filter(Boolean).join('  ')

const describeFields = (fields: object): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' && /^[\w.,@+-]+$/.test(value) ? value : JSON.stringify(value)}`)
    .join('  ')
