/** Tests that every implementation of the log must pass. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { SEATS } from '../../protocol/seat.ts'
import { LiveRound } from '../../server/rounds/live-round.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import { exercises } from './exercises.ts'

let rounds = 0
/** The id of a round that no other test uses. */
export const newRound = () => `round-${++rounds}`

/** An accepted entry of the client, with the fields in `more` replaced. */
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
  at: '2026-01-02T03:04:05.678Z',
  ...more,
})

/** Options of a live round in which nothing happens by itself. */
const quiet = { now: () => new Date(), after: () => () => {}, tls: TLS_TOOLS, publish: () => {}, idleAfterMs: 0 }

/** Defines the tests for a log. `open` creates one, and is called once. */
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

    it('tells apart, among those that come at once, the one that takes the index, the one that has it taken, and the next', async () => {
      const roundId = newRound()
      await log.append(entry(roundId, 0))
      const results = await Promise.all([
        log.append(entry(roundId, 0, { actionId: 'late' })),
        log.append(entry(roundId, 1, { actionId: 'fresh' })),
        log.append(entry(roundId, 1, { actionId: 'rival' })),
      ])
      expect(results).toEqual(['taken', 'written', 'taken'])
      expect((await log.read(roundId)).map(({ actionId }) => actionId)).toEqual(['action-0', 'fresh'])
    })

    describe('an act is stored once, since whoever writes has folded all rows before', () => {
      const [exercise] = exercises.published()
      const script = instantiateExercise(exercise!, 'guided', seededRandom(1))
      const action = { kind: 'discard', event: 1 } as const
      const acts = async (roundId: string) => (await log.read(roundId)).map(({ actor, actionId }) => `${actor} ${actionId}`)

      /** Opens the round on several nodes that receive no messages from each other. */
      const nodes = async (count: number, roundId: string, on = log) => {
        const open = () => new LiveRound(roundId, { ...quiet, log: on })
        const all = Array.from({ length: count }, open)
        await all[0]!.start(script)
        return all
      }

      it('two nodes that write the same act at once: one row, and both give the same answer', async () => {
        const roundId = newRound()
        const all = await nodes(2, roundId)
        for (let time = 0; time < 20; time++) {
          const id = `act-${time}`
          const [one, two] = await Promise.all(all.map((node) => node.act('client', { id, seen: time, action })))
          expect(one).toEqual(two)
          expect(await acts(roundId)).toEqual(['system start', ...Array.from({ length: time + 1 }, (_, i) => `client act-${i}`)])
        }
      })

      it('eight nodes, each with all acts of both seats in an order of its own: each act once, and the same log for all', async () => {
        const roundId = newRound()
        const all = await nodes(8, roundId)
        const ids = Array.from({ length: 6 }, (_, i) => `act-${i}`)
        await Promise.all(
          all.flatMap((node, n) =>
            ids.flatMap((_, i) =>
              SEATS.map((seat) =>
                node.act(seat, { id: ids[(i * 5 + n) % ids.length]!, seen: 0, action }).catch(expect.unreachable),
              ),
            ),
          ),
        )
        expect((await acts(roundId)).sort()).toEqual([...SEATS.flatMap((seat) => ids.map((id) => `${seat} ${id}`)), 'system start'])
        const logs = await Promise.all(all.map((node) => node.catchUp().then(() => node.readEntries())))
        for (const each of logs) expect(each).toEqual(logs[0])
      })

      it('a write of which the writer never heard, sent again by the same node and by another: one row', async () => {
        const roundId = newRound()
        let fails = false
        const deaf: RoundLog = {
          read: (...args) => log.read(...args),
          async append(written) {
            const result = await log.append(written)
            if (fails) throw new Error('the connection is lost')
            return result
          },
        }
        const [one, two] = await nodes(2, roundId, deaf)
        fails = true
        await expect(one!.act('client', { id: 'once', seen: 0, action })).rejects.toThrow('lost')
        fails = false
        const again = await Promise.all([one, two].map((node) => node!.act('client', { id: 'once', seen: 0, action })))
        expect(again[0]).toEqual(again[1])
        expect(await acts(roundId)).toEqual(['system start', 'client once'])
      })
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
        text: '序号 seq “quoted” \\ \n\t \u0000 \u0001 \ud800 🙂 {"a":1}',
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
