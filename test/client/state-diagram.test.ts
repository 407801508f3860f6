import { describe, expect, it } from 'vitest'
import { STATES } from '../../protocol/tcp/states.ts'
import { listTaken, PLACES, TRANSITIONS } from '../../client/src/states/diagram.ts'

describe('RFC 9293 3.3.2, figure 5: the state diagram', () => {
  it('has a place for each of the eleven states, and a way into and out of each', () => {
    expect(new Set(PLACES.map(({ state }) => state))).toEqual(new Set(STATES))
    for (const end of ['from', 'to'] as const) expect(new Set(TRANSITIONS.map((each) => each[end]))).toEqual(new Set(STATES))
  })

  it.each(TRANSITIONS.map((each) => [`${each.from} to ${each.to}`, each] as const))(
    '%s: begins and ends at their boxes',
    (_name, each) => {
      const touches = (state: string, [x, y]: readonly [number, number]) =>
        PLACES.some((place) => place.state === state && Math.abs(place.x - x) <= 68 && Math.abs(place.y - y) <= 17)
      const ends = each.points.split(' ').map((corner) => corner.split(',').map(Number) as [number, number])
      expect(touches(each.from, ends[0]!)).toBe(true)
      expect(touches(each.to, ends.at(-1)!)).toBe(true)
    },
  )

  it('marks the ways that a host has taken, and no other', () => {
    const taken = listTaken(['CLOSED', 'SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED'])
    expect(taken.map(({ from, to }) => `${from} ${to}`)).toEqual([
      'CLOSED SYN-SENT',
      'SYN-SENT ESTABLISHED',
      'ESTABLISHED FIN-WAIT-1',
      'FIN-WAIT-1 FIN-WAIT-2',
      'FIN-WAIT-2 TIME-WAIT',
      'TIME-WAIT CLOSED',
    ])
    expect(listTaken(['ESTABLISHED', 'CLOSED'])).toEqual([])
  })
})
