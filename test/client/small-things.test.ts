import { describe, expect, it } from 'vitest'
import { groupDigits, formatPoints, formatWorldTime } from '../../client/src/lib/number-formats.ts'
import { pickLanguage } from '../../client/src/lib/languages.ts'
import { isTeacherRoute, parseRoute } from '../../client/src/lib/routes.ts'

describe('paths', () => {
  it.each([
    ['/', { page: 'join', code: null }],
    ['/j/KTM482', { page: 'join', code: 'KTM482' }],
    ['/j/KTM%20482/', { page: 'join', code: 'KTM 482' }],
    ['/r/abc', { page: 'round', participant: 'abc' }],
    ['/teach', { page: 'teach' }],
    ['/teach/s1', { page: 'board', session: 's1' }],
    ['/teach/s1/join', { page: 'join-page', session: 's1' }],
    ['/teach/s1/round/r1', { page: 'timeline', session: 's1', round: 'r1' }],
    ['/replay/a1', { page: 'replay', token: 'a1' }],
    ['/replay/round/r1', { page: 'replay', round: 'r1' }],
    ['/replay', { page: 'not-found' }],
    ['/replay/a1/more', { page: 'not-found' }],
    ['/teach/s1/round', { page: 'not-found' }],
    ['/teach/s1/join/more', { page: 'not-found' }],
    ['/r', { page: 'not-found' }],
    ['/%E0%A4%A', { page: 'not-found' }],
  ])('%s', (path, route) => {
    expect(parseRoute(path)).toEqual(route)
  })

  it('know which pages are the teacher’s', () => {
    expect(isTeacherRoute(parseRoute('/teach/s1'))).toBe(true)
    expect(isTeacherRoute(parseRoute('/r/abc'))).toBe(false)
  })
})

describe('numbers', () => {
  it.each([
    [0, ['0']],
    [300, ['300']],
    [4000, ['4', '000']],
    [2147480000, ['2', '147', '480', '000']],
  ])('%d is written in threes', (value, threes) => {
    expect(groupDigits(value)).toEqual(threes)
  })

  it.each([
    [0, '0'],
    [2, '¼'],
    [8, '1'],
    [22, '2¾'],
    [23, '2⅞'],
  ])('%d eighths of a point', (eighths, text) => {
    expect(formatPoints(eighths)).toBe(text)
  })

  it.each([
    [0, '0 s'],
    [50, '0.05 s'],
    [1100, '1.1 s'],
    [240150, '4 min 0.15 s'],
  ])('%d ms of world time', (ms, text) => {
    expect(formatWorldTime(ms)).toBe(text)
  })
})

describe('the language', () => {
  it.each([
    [['zh-Hans-CN', 'en'], 'zh'],
    [['fr', 'ZH-tw', 'en-GB'], 'zh'],
    [['en-GB', 'zh'], 'en'],
    [['fr'], 'en'],
    [[], 'en'],
  ])('for a browser that prefers %o is %s', (tags, lang) => {
    expect(pickLanguage(tags)).toBe(lang)
  })
})
