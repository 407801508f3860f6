/** The script of a round, from what its players have had before. */
import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { SEATS } from '../../protocol/seat.ts'
import type { Round } from '../../server/generated/prisma/client.ts'
import { createRoundScript, type RoundScriptDeps } from '../../server/lessons/round-script.ts'

const exercise = loadExercises('exercises').get('handshake')!

test.each([1, 2, 3, 4])(
  'nobody is asked a closing question twice while others are left, in either seat (seed %i)',
  async (seed) => {
    const played: Round[] = []
    const worlds = new Map<string, World>()
    const deps: RoundScriptDeps = {
      store: {
        findLeg: () => Promise.resolve(null),
        findEarlierRound: () => Promise.resolve(null),
        findRoundsPlayed: ({ participantId: id }) =>
          Promise.resolve(played.filter(({ clientId, serverId }) => clientId === id || serverId === id)),
      },
      rounds: { readWorld: (id) => Promise.resolve(worlds.get(id) ?? null) },
      random: seededRandom(seed),
    }
    const asked = new Map<string, string[]>()
    const pools = { client: exercise.pool!.client!.length, server: exercise.pool!.server!.length }
    for (let i = 0; i < 2 * pools.client; i++) {
      const [clientId, serverId] = i % 2 === 0 ? ['ann', 'bob'] : ['bob', 'ann']
      const round = { id: `${i}`, pairId: 'pair', position: 0, leg: 1, exercise: 'handshake@1', clientId, serverId } as Round
      played.push(round)
      const players = { client: 'person', server: 'person' } as const
      const script = await createRoundScript(deps, round, exercise, 'guided', { players })
      worlds.set(round.id, { script } as World)
      for (const seat of SEATS) {
        const key = `${seat === 'client' ? clientId : serverId} ${seat}`
        asked.set(key, [...(asked.get(key) ?? []), ...script.scenes.at(-1)!.questions[seat].map(({ id }) => id)])
      }
    }
    for (const ids of asked.values()) expect(new Set(ids).size).toBe(pools.client)
    expect(asked.size).toBe(4)
  },
)
