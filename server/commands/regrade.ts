/** `handshake regrade ROUND|all`: judges stored rounds again by this version's rules, and lists what comes out differently. It changes nothing. */
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { POINT_EIGHTHS, type Score } from '../../protocol/round/fold/score.ts'
import type { Verdict } from '../../protocol/round/model/verdict.ts'
import { hasChanged, regrade, type Regrade } from '../../protocol/round/play/regrade.ts'
import { SEATS } from '../../protocol/seat.ts'
import { ENGINE_VERSION } from '../../protocol/version.ts'
import type { Config } from '../base/config.ts'
import { DatabaseError } from '../database/error.ts'
import { readRow } from '../rounds/log-postgres.ts'
import { openRows } from './stored-rows.ts'

/** Resolves to the lines: what has changed of each round, and a summary. Throws `DatabaseError`. */
export async function regradeRounds(config: Pick<Config, 'databaseUrl' | 'dataDir'>, which: string): Promise<string> {
  const { listRounds, readRows, close } = await openRows(config)
  try {
    const ids = which === 'all' ? await listRounds() : [which]
    const lines: string[] = []
    let changed = 0
    for (const id of ids) {
      const entries = (await readRows(id)).map(readRow)
      if (entries.length === 0) throw new DatabaseError(`There is no round ${id} in this classroom.`)
      const result = regrade(entries, TLS_TOOLS)
      if (!hasChanged(result)) continue
      changed++
      const engine = entries.findLast((entry) => entry.engine !== undefined)?.engine ?? '?'
      lines.push(`round ${id} (engine ${engine})`, ...describe(result))
    }
    return [...lines, `${changed} of ${ids.length} rounds come out differently by engine ${ENGINE_VERSION}.`].join('\n')
  } finally {
    await close()
  }
}

function describe({ verdicts, scores }: Regrade): string[] {
  return [
    ...verdicts.map(({ index, actor, was, now }) => `    #${index} ${actor}: ${verdictText(was)}, now ${verdictText(now)}`),
    ...SEATS.flatMap((seat) => {
      const { was, now } = scores[seat]
      return scoreText(was) === scoreText(now) ? [] : [`    ${seat}: ${scoreText(was)} points, now ${scoreText(now)}`]
    }),
  ]
}

const verdictText = ({ outcome, findings }: Verdict): string =>
  [outcome, ...findings.map(({ field, misconception }) => `${field} (${misconception ?? '-'})`)].join(' ')

const scoreText = ({ eighths, of }: Score): string => `${eighths / POINT_EIGHTHS} of ${of / POINT_EIGHTHS}`
