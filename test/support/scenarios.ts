/** Conversations in plain text, each of which is a test. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** A scenario that is ready to run: the rule set that it plays under, by its name. */
export interface Scenario {
  readonly rules: { readonly name: string }
  /** Lines that say how things stand, not what happens. */
  readonly settings: RegExp
  step(line: string): void
}

/**
 * Those of `test/scenarios/FOLDER`: a file holds one or several, divided by a line `---`. The comment that a scenario begins with is the test's
 * title; it begins with the clause, behind the name of the rule set where that is not the `real` one.
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
