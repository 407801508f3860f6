/** A class activity in memory, for tests: participants act on it one after another, and its log is folded anew when asked. */
import { expect } from 'vitest'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import {
  type ActivitySetup,
  type ClassAction,
  type ClassActivity,
  type ClassEntry,
  createActivity,
} from '../../protocol/class/kinds.ts'

export class ActivityFixture {
  readonly activity: ClassActivity
  readonly entries: ClassEntry[] = []
  readonly #setup: ActivitySetup

  constructor(setup: ActivitySetup) {
    this.#setup = setup
    this.activity = createActivity(setup, TLS_TOOLS)
  }

  /** Judges an act and adds its entry, unless it is barred. */
  act(actor: string, action: ClassAction): ClassEntry {
    const entry = this.activity.propose({ actor, actionId: `act-${this.entries.length}`, action, at: '2026-12-01T10:00:00.000Z' })
    if (entry.verdict.outcome === 'barred') return entry
    this.activity.add(entry)
    this.entries.push(entry)
    return entry
  }

  /** The activity folded anew from rows as they are stored. */
  foldAnew(): ClassActivity {
    const anew = createActivity(JSON.parse(JSON.stringify(this.#setup)) as ActivitySetup, TLS_TOOLS)
    for (const entry of JSON.parse(JSON.stringify(this.entries)) as ClassEntry[]) anew.add(entry)
    expect(anew.world).toEqual(JSON.parse(JSON.stringify(this.activity.world)))
    return anew
  }
}
