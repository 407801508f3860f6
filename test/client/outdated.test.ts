import { describe, expect, it } from 'vitest'
import { WIRE_VERSION } from '../../contract/wire-version.ts'
import { reloadOutdatedPage } from '../../client/src/lib/outdated.ts'
import type { PageStorage } from '../../client/src/lib/storage.ts'

/** The storage of a tab, which survives its reloads. */
function tab(kept = new Map<string, string>()): PageStorage {
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  }
}

function countReloads(storage: PageStorage, refusals: number): number {
  let reloads = 0
  for (let i = 0; i < refusals; i++) reloadOutdatedPage(storage, () => void reloads++)
  return reloads
}

describe('a page of another version than the server', () => {
  it('reloads once, however often it is refused', () => {
    expect(countReloads(tab(), 3)).toBe(1)
  })

  it('reloads again at the next upgrade', () => {
    const storage = tab(new Map([['outdated', `${WIRE_VERSION - 1}`]]))
    expect(countReloads(storage, 3)).toBe(1)
  })

  it('does not reload if the browser keeps nothing, which would go on for ever', () => {
    expect(countReloads({ ...tab(), setItem: () => {} }, 3)).toBe(0)
    const blocked = () => {
      throw new Error('blocked')
    }
    expect(countReloads({ getItem: blocked, setItem: blocked, removeItem: blocked }, 3)).toBe(0)
  })
})
