import { afterEach, describe, expect, it } from 'vitest'
import { switchLang } from '../../client/src/texts/texts.svelte.ts'
import type { LadderRow } from '../../client/src/ladder/rows.ts'
import { buildRowLabel, describeRowWithSeat } from '../../client/src/ladder/row-texts.ts'
import { ACK, FIN } from '../../protocol/segment.ts'

const segment = { id: 1, bits: ACK | FIN, seq: 'u', ack: 'v', length: 0 }
const on = { seat: 'client', at: 0 } as const
const faults = [
  { field: 'flags', want: null },
  { field: 'ack', want: 'v+1' },
] as const

const ROWS: [LadderRow, string, string][] = [
  [{ ...on, kind: 'state', state: 'FIN-WAIT-1' }, 'CLIENT: is in FIN-WAIT-1', '客户端：处于 FIN-WAIT-1'],
  [{ ...on, kind: 'called', call: { call: 'CLOSE' }, by: 'exercise' }, 'CLIENT: calls CLOSE', '客户端：调用 CLOSE'],
  [
    { ...on, kind: 'sent', segment, by: 'seat', useless: false },
    'CLIENT: sends FIN,ACK seq=u ack=v',
    '客户端：发送 FIN,ACK seq=u ack=v',
  ],
  [
    { ...on, kind: 'sent', segment, by: 'seat', useless: true },
    'CLIENT: sends FIN,ACK seq=u ack=v (legal, but it served nothing)',
    '客户端：发送 FIN,ACK seq=u ack=v（合法，但没有起作用）',
  ],
  [{ ...on, kind: 'arrived', segment }, 'CLIENT: receives FIN,ACK seq=u ack=v', '客户端：收到 FIN,ACK seq=u ack=v'],
  [
    { ...on, kind: 'refused', act: { kind: 'send', segment: { ...segment, ack: 'v' }, state: 'TIME-WAIT' }, faults },
    'CLIENT: tries FIN,ACK seq=u ack=v (not sent: control bits; ack should be v+1)',
    '客户端：尝试 FIN,ACK seq=u ack=v（未发出：控制位；确认号 ack，应为 v+1）',
  ],
  [
    { ...on, kind: 'refused', act: { kind: 'claim', event: 1, state: 'CLOSED' }, faults: [] },
    'CLIENT: claims CLOSED (not accepted)',
    '客户端：认为自己处于 CLOSED（未通过）',
  ],
  [
    { ...on, kind: 'arrived', segment, transitMs: 109_000 },
    'CLIENT: receives FIN,ACK seq=u ack=v (109 s on the way)',
    '客户端：收到 FIN,ACK seq=u ack=v（在途中 109 秒）',
  ],
  [
    { ...on, kind: 'lost', segment, why: 'dropped', transitMs: 109_000 },
    'CLIENT: FIN,ACK seq=u ack=v never arrives (lost after 109 s on the way)',
    '客户端：FIN,ACK seq=u ack=v 没有到达（在途中 109 秒后丢失）',
  ],
  [{ kind: 'clock', at: 240_000, elapsedMs: 239_950 }, '240 s pass', '过了 240 秒'],
  [{ ...on, kind: 'fired', timer: 'time-wait' }, 'CLIENT: TIME-WAIT timer expires (2MSL)', '客户端：时间等待计时器（2MSL）到期'],
]

describe('a row in words', () => {
  afterEach(() => switchLang('en'))

  it.each(ROWS)('%#: says the same in both languages', async (row, en, zh) => {
    expect(describeRowWithSeat(row)).toBe(en)
    await switchLang('zh')
    expect(describeRowWithSeat(row)).toBe(zh)
  })

  it('marks the parts of a refused segment that were wrong, and names the state only where that was', () => {
    const act = { kind: 'send', segment: { ...segment, ack: 'v' }, state: 'TIME-WAIT' } as const
    const wrong = (faults: Extract<LadderRow, { kind: 'refused' }>['faults']) =>
      buildRowLabel({ ...on, kind: 'refused', act, faults })
        .parts.filter((part) => part.wrong)
        .map((part) => part.text)
    expect(wrong(faults)).toEqual(['FIN,ACK', 'ack=v'])
    expect(wrong([{ field: 'state', want: null }])).toEqual(['TIME-WAIT'])
    expect(wrong([])).toEqual([])
  })
})
