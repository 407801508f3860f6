/** Conversations in plain text. Each of them is a test. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** A scenario that is ready to run, with the name of its rule set. */
export interface Scenario {
  readonly rules: { readonly name: string }
  /** Matches lines that set up a situation rather than perform a step. */
  readonly settings: RegExp
  step(line: string): void
}

/**
 * Defines a test for each scenario in `test/scenarios/FOLDER`. A file holds one or several scenarios, divided by a line `---`.
 * The comment at the top of a scenario is the test's title. It starts with the RFC clause, preceded by the name of the rule set
 * if that is not `real`.
 */
export function scenariosOf(folder: string, real: string, play: (lines: readonly string[]) => Scenario): void {
  const directory = join(import.meta.dirname, '../scenarios', folder)
  for (const file of readdirSync(directory).sort()) {
    const parts = readFileSync(join(directory, file), 'utf8').split(/^---$/m)
    describe(file, () => {
      for (const part of parts) {
        const lines = part.split('\n').map((text) => text.trim())
        const heading = lines.find((line) => line.startsWith('#')) ?? ''
        const title = heading.slice(1).trim()
        it(title, () => {
          const scenario = play(lines)
          const { name } = scenario.rules
          expect(title).toMatch(name === real ? /^RFC \d+ [\dA-F]/ : new RegExp(`^${name}, cf. RFC \\d+ \\d`))
          for (const raw of lines) {
            const line = raw.replace(/#.*$/, '').trim()
            if (line !== '' && !scenario.settings.test(line)) stepThrough(scenario, line)
          }
        })
      }
    })
  }
}

function stepThrough(scenario: Scenario, line: string): void {
  try {
    scenario.step(line)
  } catch (error) {
    if (error instanceof Error) error.message = `${line}\n${error.message}`
    throw error
  }
}
