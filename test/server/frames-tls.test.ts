/**
 * TLS secrets stay with their endpoint. Every frame that any socket receives while a round is played is searched for everything
 * that the two endpoints have computed. A seat receives what its own endpoint computes, but not earlier; nobody else receives it.
 * The values that keys are derived from are sent to nobody.
 */
import { peerOf, type Seat, SEATS } from '../../protocol/seat.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { listEndpointSecrets } from '../../protocol/tls/endpoint/list-secrets.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { applyEntry } from '../../protocol/round/fold/reducer.ts'
import { type Exercise } from '../../protocol/round/model/exercise.ts'
import { tlsEndOf } from '../../protocol/round/rules/tls-end.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { recordFrames, LISTENERS } from '../support/leak-scan.ts'
import { startNode, type TestNode } from '../support/pair.ts'
import { computed, leaks, secretsIn } from '../support/tls-secrets.ts'

const exercises = loadExercises('exercises')
/** By hand, so that one end may be ahead of the other while messages wait to be sent. */
function exercise(id: string): Exercise {
  const { tcp: _, ...byHand } = exercises.get(id)!
  return byHand
}
const certificate = exercise('https-certificate')

const ROUNDS = [
  ['RFC 5246 8.1.1: TLS 1.2 with RSA', exercise('https-rsa')],
  // Only the scene whose certificate is accepted.
  ['RFC 8422 2: TLS 1.2 with ECDHE', { ...certificate, scenes: certificate.scenes.filter(({ id }) => id === 'right') }],
  ['RFC 8446 7.1: TLS 1.3', exercise('https-tls13')],
] as const

let node: TestNode | undefined
afterEach(() => node?.close())

/** The worlds that the log folds to, one per entry. */
function worldsOf(entries: readonly Entry[]): readonly World[] {
  const worlds: World[] = []
  for (const entry of entries) worlds.push(applyEntry(worlds.at(-1) ?? null, entry))
  return worlds
}

/** Whether a seat received several views while the other endpoint had computed secrets that its own had not. */
function behind(seat: Seat, worlds: readonly World[]): boolean {
  const ahead = worlds.filter((world) => computed(world, peerOf(seat)).some((secret) => !computed(world, seat).includes(secret)))
  return new Set(ahead.map((world) => world.seats[seat].viewCount)).size > 1
}

describe.each(ROUNDS)('%s', (_, played) => {
  test('no frame holds a secret, but to the seat whose end has computed it', async () => {
    const { frames, entries } = await recordFrames((node = await startNode()), played, 'guided')
    const worlds = worldsOf(entries)
    const secrets = secretsIn(worlds)
    for (const who of LISTENERS) expect(leaks(who, frames[who], secrets), who).toEqual([])
    expect(SEATS.some((seat) => behind(seat, worlds))).toBe(true)

    // The search must find planted secrets: all of them before anything else has arrived, and the script in the log's first row.
    for (const who of LISTENERS) {
      expect(leaks(who, [...secrets.all, ...frames[who]], secrets)).toEqual(secrets.all)
      expect(leaks(who, [JSON.stringify(entries[0]), ...frames[who]], secrets)).not.toEqual([])
    }
    // A seat has received what its endpoint computed, and the same frames would be a leak to anybody else.
    for (const seat of SEATS) {
      const told = listEndpointSecrets(tlsEndOf(worlds.at(-1)!, seat).endpoint).map((secret) => secret.hex)
      expect(told).not.toEqual([])
      for (const who of ['network', 'outsider', 'teacher'] as const)
        expect(leaks(who, frames[seat], secrets)).toEqual(expect.arrayContaining(told))
    }
  })
})
