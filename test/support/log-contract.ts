/** What every log does, whatever it is kept in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Entry } from '../../protocol/round/model/entry.ts'
import type { RoundLog } from '../../server/rounds/log.ts'

let rounds = 0
/** A round that no other test uses. */
export const newRound = () => `round-${++rounds}`

export const entry = (roundId: string, index: number, more: Partial<Entry> = {}): Entry => ({
  roundId,
  index,
  actionId: `action-${index}`,
  actor: 'client',
  action: { kind: 'send', segment: { bits: 0x02, seq: 'x', ack: '', length: 0 }, state: 'SYN-SENT' },
  seen: 3,
  verdict: { outcome: 'accepted', findings: [] },
  effects: [{ kind: 'clock', now: 50 }],
  engine: '0.1.0',
  exercise: 'handshake@1',
  at: '2026-01-02T03:04:05.678Z',
  ...more,
})

export function logContract(name: string, open: () => Promise<{ log: RoundLog; close(): Promise<void> }>): void {
  describe(`log in ${name}`, () => {
    let log: RoundLog
    let close: () => Promise<void>
    beforeAll(async () => ({ log, close } = await open()))
    afterAll(() => close())

    it('gives back what was written, in the order of the indices', async () => {
      const roundId = newRound()
      const entries = [0, 1, 2, 3].map((index) => entry(roundId, index))
      for (const one of [entries[2]!, entries[0]!, entries[3]!, entries[1]!]) expect(await log.append(one)).toBe('written')
      expect(await log.read(roundId)).toEqual(entries)
    })

    it('reads the tail from an index on, and nothing past the end or of a round that is not there', async () => {
      const roundId = newRound()
      const entries = [0, 1, 2].map((index) => entry(roundId, index))
      for (const one of entries) await log.append(one)
      expect(await log.read(roundId, 1)).toEqual(entries.slice(1))
      expect(await log.read(roundId, 3)).toEqual([])
      expect(await log.read(newRound())).toEqual([])
    })

    it('keeps rounds apart', async () => {
      const [one, other] = [newRound(), newRound()]
      expect(await log.append(entry(one, 0))).toBe('written')
      expect(await log.append(entry(other, 0))).toBe('written')
      expect(await log.read(one)).toEqual([entry(one, 0)])
    })

    it('refuses a second entry at an index, and keeps the first', async () => {
      const roundId = newRound()
      const first = entry(roundId, 0)
      await log.append(first)
      expect(await log.append(entry(roundId, 0, { actionId: 'another-one', actor: 'server' }))).toBe('taken')
      expect(await log.read(roundId)).toEqual([first])
    })

    it('refuses an action id that its actor has used in this round, at whatever index', async () => {
      const roundId = newRound()
      await log.append(entry(roundId, 0, { actionId: 'once' }))
      expect(await log.append(entry(roundId, 1, { actionId: 'once' }))).toBe('taken')
      expect(await log.append(entry(roundId, 1, { actionId: 'once', actor: 'server' }))).toBe('written')
      expect(await log.append(entry(newRound(), 0, { actionId: 'once' }))).toBe('written')
    })

    it('lets exactly one of many at the same index through', async () => {
      const roundId = newRound()
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => log.append(entry(roundId, 0, { actionId: `rival-${i}` }))),
      )
      expect(results.filter((result) => result === 'written')).toHaveLength(1)
      expect(await log.read(roundId)).toEqual([entry(roundId, 0, { actionId: `rival-${results.indexOf('written')}` })])
    })

    it('lets exactly one of many equal ones through', async () => {
      const roundId = newRound()
      const results = await Promise.all(Array.from({ length: 20 }, () => log.append(entry(roundId, 0))))
      expect(results.filter((result) => result === 'written')).toHaveLength(1)
      expect(await log.read(roundId)).toEqual([entry(roundId, 0)])
    })

    it('tells apart, among those that come at once, the one that repeats an action id and the one that takes the index', async () => {
      const roundId = newRound()
      await log.append(entry(roundId, 0, { actionId: 'used' }))
      const [repeated, fresh] = await Promise.all([
        log.append(entry(roundId, 1, { actionId: 'used' })),
        log.append(entry(roundId, 1, { actionId: 'fresh' })),
      ])
      expect([repeated, fresh]).toEqual(['taken', 'written'])
    })

    it('writes 200 rounds at once, each in its order', async () => {
      const ids = Array.from({ length: 200 }, newRound)
      await Promise.all(
        ids.map(async (roundId) => {
          for (let index = 0; index < 5; index++) expect(await log.append(entry(roundId, index))).toBe('written')
        }),
      )
      for (const roundId of ids) expect((await log.read(roundId)).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4])
    })

    it('gives values back as they were: nesting, null, text of every kind, large and small numbers', async () => {
      const roundId = newRound()
      const script = {
        zeta: 1,
        alpha: { deep: [{ b: null, a: [[], {}] }, 4294967295, 0.1, -7, 1e-9] },
        text: '序号 seq “quoted” \\ \n\t \u0001 🙂 {"a":1}',
        empty: '',
        yes: true,
      }
      const odd = entry(roundId, 0, {
        actor: 'system',
        seen: null,
        action: { kind: 'control', control: 'start', script } as unknown as Entry['action'],
        verdict: {
          outcome: 'refused',
          findings: [
            {
              kind: 'refusal',
              field: 'ack',
              given: 4294967295,
              want: null,
              rule: 'RFC 9293 3.10.7.4',
              misconception: 'syn-consumes-one',
            },
          ],
        },
        effects: [],
      })
      await log.append(odd)
      expect(await log.read(roundId)).toEqual([odd])
    })

    it('has written what the entry was when it was handed over', async () => {
      const roundId = newRound()
      const handed = { ...entry(roundId, 0) } as { -readonly [K in keyof Entry]: Entry[K] }
      await log.append(handed)
      handed.engine = 'changed later'
      const [read] = await log.read(roundId)
      expect(read).toEqual(entry(roundId, 0))
    })
  })
}
