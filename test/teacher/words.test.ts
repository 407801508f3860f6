import { describe, expect, it } from 'vitest'
import { formatDuration, formatJoinCode, formatAddress } from '../../client/src/lib/text-formats.ts'

describe('words of the teacher pages', () => {
  it('shows a code in two groups of three', () => {
    expect(formatJoinCode('KTM482')).toBe('KTM 482')
  })

  it.each([
    [0, '0:00'],
    [5_999, '0:05'],
    [130_000, '2:10'],
    [3_723_000, '1:02:03'],
  ])('shows %i ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('shows an address as it is typed, with the scheme only where a browser would not find it by itself', () => {
    expect(formatAddress('http://192.0.2.7:8080')).toBe('192.0.2.7:8080')
    expect(formatAddress('http://192.0.2.7:8080/')).toBe('192.0.2.7:8080')
    expect(formatAddress('https://class.example.edu/')).toBe('https://class.example.edu')
  })
})
