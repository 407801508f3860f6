/** Checks that the simulation detects faults: plants them in a copy of the product and plays lessons until they are found. */
import { describe, expect, test } from 'vitest'
import { plant, type Fault } from './planted.ts'
import type { Invariant } from './referee.ts'
import { simulate } from './simulation.ts'

/** The largest number of lessons that are played to find a fault. */
const MAX_LESSONS = 200

const FAULTS: readonly { readonly name: string; readonly faults: readonly Fault[]; readonly found: readonly Invariant[] }[] = [
  {
    name: 'an entry is published before it is written',
    faults: [
      {
        file: 'server/rounds/live-round.ts',
        find: `if ((await this.#deps.log.append(entry)) === 'written') {`,
        replace: `this.#publish(entry, round.accept(proposal), 'local', connectionId)
      if ((await this.#deps.log.append(entry)) === 'written') {`,
      },
      {
        file: 'server/rounds/live-round.ts',
        find: `        this.#publish(entry, round.accept(proposal), 'local', connectionId)
        this`,
        replace: `        this`,
      },
    ],
    found: ['what is told is stored'],
  },
  {
    name: 'what was lost between nodes is not caught up with',
    faults: [
      {
        file: 'server/rounds/rounds.ts',
        find: `    for (const { round } of liveRounds.values()) round.catchUp().catch(() => {})`,
        replace: ``,
      },
      // Needed as well, because otherwise the lost rows would be read with the next request.
      {
        file: 'server/rounds/live-round.ts',
        find: `if (this.#mayBeStale || this.#deps.alwaysRefresh) await this.#readTail()`,
        replace: `if (this.#mayBeStale) await this.#readTail()`,
      },
    ],
    // If nobody acts meanwhile, a view is late; if all wait for each other, the clock stands still.
    found: ['no view comes late', 'somebody is to blame for a clock that stands'],
  },
  {
    name: 'a control that has been done is written again',
    faults: [
      {
        file: 'server/rounds/live-round.ts',
        find: `if (!proposal || (seen === null && proposal.entry.verdict.outcome !== 'accepted')) return null`,
        replace: `if (!proposal) return null`,
      },
    ],
    found: ['a control is done once'],
  },
]

describe('a planted fault is found', () => {
  test.each(FAULTS)('$name', async ({ faults, found }) => {
    const createClassroom = await plant(faults)
    for (let seed = 1; seed <= MAX_LESSONS; seed++) {
      const { violation } = await simulate(seed, { createClassroom })
      if (!violation) continue
      expect(found).toContain(violation.invariant)
      return
    }
    expect.fail(`not within ${MAX_LESSONS} lessons`)
  })
})
