import { describe, expect, it } from 'vitest'
import { buildQrPath } from '../../client/src/teacher/board/qr.ts'

describe('the QR code of the join page', () => {
  const { path, side } = buildQrPath('http://192.0.2.7:8080/j/KTM482')
  const dark = new Set([...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x},${y}`))

  it('is one path of unit squares', () => {
    expect(path.replace(/M\d+ \d+h1v1h-1z/g, '')).toBe('')
  })

  it('keeps a quiet zone of four modules on each side, as the standard asks', () => {
    const ends = [...dark].flatMap((module) => module.split(',').map(Number))
    expect([Math.min(...ends), Math.max(...ends)]).toEqual([4, side - 5])
  })

  it('has its three finder patterns', () => {
    for (const [x, y] of [
      [4, 4],
      [side - 11, 4],
      [4, side - 11],
    ] as const) {
      const ring = Array.from({ length: 7 }, (_, i) => [`${x + i},${y}`, `${x},${y + i}`, `${x + i},${y + 6}`, `${x + 6},${y + i}`])
      expect(ring.flat().every((module) => dark.has(module))).toBe(true)
      expect(dark.has(`${x + 1},${y + 1}`)).toBe(false)
      expect(dark.has(`${x + 3},${y + 3}`)).toBe(true)
    }
  })
})
