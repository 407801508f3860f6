import { expect, test } from 'vitest'
import { PANEL_KEYS, PANELS, readScreenKey } from '../../client/src/teacher/screen/screen-keys.ts'

test('each panel has a letter of its own, which is neither F nor H', () => {
  expect(new Set([...Object.values(PANEL_KEYS), 'F', 'H']).size).toBe(PANELS.length + 2)
  for (const panel of PANELS) expect(readScreenKey(PANEL_KEYS[panel].toLowerCase())).toEqual({ kind: 'panel', panel })
})

test('arrows, space and the keys of a presenter go through a panel; digits choose; other keys are left to the browser', () => {
  for (const key of ['ArrowRight', 'PageDown', ' ']) expect(readScreenKey(key)).toEqual({ kind: 'step', by: 1 })
  for (const key of ['ArrowLeft', 'PageUp']) expect(readScreenKey(key)).toEqual({ kind: 'step', by: -1 })
  expect(readScreenKey('3')).toEqual({ kind: 'choose', item: 3 })
  for (const key of ['Tab', 'Enter', 'f', 'x', '0']) expect(readScreenKey(key)).toBeNull()
})
