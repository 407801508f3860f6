import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { format, resolveConfig } from 'prettier'
import { printTypes } from '../../exercises/print-types.ts'
import { JSON_SCHEMA } from '../../exercises/schema.ts'

test('the JSON Schema beside the exercises is that which they are checked by (after a change: npm test -- test/exercises/schema.test.ts -u)', async () => {
  await expect(`${JSON.stringify(JSON_SCHEMA, null, 2)}\n`).toMatchFileSnapshot('../../exercises/exercise.schema.json')
})

test('the types that protocol has of an exercise are printed from it (after a change: the same command)', async () => {
  const path = '../../protocol/round/model/exercise-file.ts'
  const filepath = fileURLToPath(new URL(path, import.meta.url))
  await expect(await format(printTypes(), { ...(await resolveConfig(filepath)), filepath })).toMatchFileSnapshot(path)
})

test('the JSON Schema describes the parts of a scene', () => {
  const { properties } = JSON_SCHEMA.properties.scenes.items as unknown as {
    properties: { [key: string]: { description?: string } }
  }
  for (const key of ['brief', 'names', 'opening', 'application', 'goal', 'milestones', 'wire'] as const)
    expect(properties[key]?.description, key).toMatch(/\.$/)
})
