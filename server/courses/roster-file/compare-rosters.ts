/** What importing a roster would change. Pure. */
import type { RosterChanges } from '../../../contract/courses.ts'
import type { ReadRoster } from './read-roster.ts'

/** A member who is or was on the roster. */
export interface KnownMember {
  readonly id: string
  readonly number: string
  readonly name: string
  readonly email: string | null
  readonly group: string | null
  readonly remarks: string
  readonly removed: boolean
}

const FIELDS = ['name', 'email', 'group', 'remarks'] as const

/**
 * Compares by number. A member whose line is faulty stays as they are. A removed member who is in the file is added again. What has no column in the file stays as it is and is no
 * change.
 */
export function compareRosters(
  known: readonly KnownMember[],
  { rows, numbers }: Pick<ReadRoster, 'rows' | 'numbers'>,
): RosterChanges {
  const knownByNumber = new Map(known.map((member) => [member.number, member]))
  const added: RosterChanges['added'][number][] = []
  const changed: RosterChanges['changed'][number][] = []
  let same = 0
  for (const row of rows) {
    const before = knownByNumber.get(row.number)
    if (!before || before.removed) {
      added.push({ number: row.number, name: row.name, returns: before !== undefined })
      continue
    }
    const fields = FIELDS.flatMap((field) => {
      const [from, to] = [before[field] ?? '', row[field] ?? '']
      return row[field] === undefined || from === to ? [] : [{ field, from, to }]
    })
    if (fields.length > 0) changed.push({ number: row.number, name: before.name, fields })
    else same++
  }
  const gone = known.filter(({ number, removed }) => !removed && !numbers.has(number)).map(({ number, name }) => ({ number, name }))
  return { added, changed, gone, same }
}
