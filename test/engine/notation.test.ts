import { describe, expect, it } from 'vitest'
import { formatNumber, type NotationContext, parseNumber, parseState } from '../../protocol/notation.ts'

const context = (kind: NotationContext['kind']): NotationContext => ({
  kind,
  iss: { client: 2_147_480_000, server: 300 },
  names: {
    x: { of: 'client', value: 2_147_480_000 },
    u: { of: 'client', value: 2_147_480_138 },
    y: { of: 'server', value: 300 },
    V: { of: 'server', value: 4_294_967_290 },
  },
})
const read = (kind: NotationContext['kind'], text: string, field: 'seq' | 'ack' = 'seq') =>
  parseNumber(text, context(kind), field, 'client')

describe('a number is read in the notation of the exercise and no other', () => {
  it.each([
    ['x', 2_147_480_000],
    ['x+1', 2_147_480_001],
    ['x + 1 + 20', 2_147_480_021],
    ['1+x', 2_147_480_001],
    ['X+1', 2_147_480_001],
    ['ｘ＋１', 2_147_480_001],
    ['x−1', 2_147_479_999],
    ['u-138', 2_147_480_000],
    ['v+1', 4_294_967_291],
    ['V+10', 4],
    ['y+1_000', 1300],
    ['0', 0],
    // The number that the page shows for a name, and those counted from it.
    ['2 147 480 000', 2_147_480_000],
    ['2147480000+1', 2_147_480_001],
    ['300', 300],
    ['4294967295', 4_294_967_295],
  ])('textbook: %s', (text, value) => {
    expect(read('textbook', text)).toBe(value)
    // Any bound name is accepted in either field: acknowledging one's own number is a mistake, not an error of notation.
    expect(read('textbook', text, 'ack')).toBe(value)
  })

  it.each([
    '',
    ' ',
    '100000',
    '2147479999',
    'z',
    'x+y',
    '1-x',
    'x+',
    '+',
    'x++1',
    'x 1',
    'x1',
    '2x',
    'x*2',
    '0x10',
    'x+1e3',
    'x+１，２',
    'x+4294967296',
  ])('textbook: "%s" cannot be read', (text) => {
    expect(read('textbook', text)).toBeNull()
  })

  it.each([
    ['2147480000+137', 2_147_480_137],
    ['2 147 480 000', 2_147_480_000],
    ['2,147,480,000', 2_147_480_000],
    ['２，１４７，４８０，０００', 2_147_480_000],
    ['2.147.480.000', 2_147_480_000],
    ["2'147'480'000", 2_147_480_000],
    ['2_147', 2147],
    ['2\u202f147', 2147],
    ['4294967295+2', 1],
    ['-1', 4_294_967_295],
    ['007', 7],
  ])('absolute: %s', (text, value) => {
    expect(read('absolute', text)).toBe(value)
  })

  it.each(['x', 'x+1', '1 2', '12,34', '1,2345', '4294967296', '1.5', '١'])('absolute: "%s" cannot be read', (text) => {
    expect(read('absolute', text)).toBeNull()
  })

  it('relative: seq counts from the own ISS, ack from the peer’s', () => {
    expect(read('relative', '1')).toBe(2_147_480_001)
    expect(read('relative', '1+137', 'ack')).toBe(438)
    expect(read('relative', '-1', 'ack')).toBe(299)
    expect(read('relative', 'x+1')).toBeNull()
  })
})

describe('a number is written in the notation of the exercise', () => {
  it.each([
    ['seq', 2_147_480_000, 'x'],
    ['seq', 2_147_480_137, 'x+137'],
    ['seq', 2_147_480_138, 'u'],
    ['seq', 2_147_480_140, 'u+2'],
    ['ack', 301, 'y+1'],
    ['ack', 2, 'V+8'],
    ['seq', 0, '0'],
  ] as const)('textbook: %s %i counts from the owner’s nearest name below', (field, value, text) => {
    expect(formatNumber(value, context('textbook'), field, 'client')).toBe(text)
  })

  it('relative and absolute', () => {
    expect(formatNumber(301, context('relative'), 'ack', 'client')).toBe('1')
    expect(formatNumber(301, context('relative'), 'seq', 'server')).toBe('1')
    expect(formatNumber(301, context('absolute'), 'ack', 'client')).toBe('301')
  })

  it('textbook: where the owner has no name the number stands as it is', () => {
    const { iss } = context('textbook')
    expect(formatNumber(301, { kind: 'textbook', iss, names: {} }, 'seq', 'client')).toBe('301')
  })
})

it.each([
  ['SYN-RCVD', 'SYN-RECEIVED'],
  ['SYN_RCVD', 'SYN-RECEIVED'],
  ['SYN_RECV', 'SYN-RECEIVED'],
  ['syn received', 'SYN-RECEIVED'],
  ['ＳＹＮ－ＳＥＮＴ', 'SYN-SENT'],
  ['FIN_WAIT1', 'FIN-WAIT-1'],
  ['time_wait', 'TIME-WAIT'],
  ['ESTAB', 'ESTABLISHED'],
  ['', null],
  ['WAITING', null],
])('a state written as %s is %s', (text, state) => {
  expect(parseState(text)).toBe(state)
})
