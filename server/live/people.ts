/** Who is connected to this node, and how often each may ask over all their connections. */
import type { LiveLimits } from '../base/limits.ts'
import type { After } from '../base/timer.ts'
import { createTokenBucket, type TokenBucket } from '../base/token-bucket.ts'
import type { Principal } from '../identity/auth.ts'

export interface Person {
  /** `participant 8f…`: the same person has the same. */
  readonly key: string
  readonly events: TokenBucket
  /** How often they may be told that they ask too often. */
  readonly refusals: TokenBucket
}

export interface People {
  /** Counts one more connection of theirs until `release` is called. Null: they have or try too many. */
  admit(principal: Principal): { readonly person: Person; readonly release: () => void } | null
}

/** Real ms in which somebody who has gone is remembered, so that coming back is no way round the limits: all buckets are full again by then. */
const REMEMBERED_MS = 60_000

export interface PeopleDeps {
  readonly limits: LiveLimits
  readonly now: () => Date
  readonly after: After
}

export function createPeople({ limits, now, after }: PeopleDeps): People {
  const time = () => now().getTime()
  const people = new Map<string, { readonly person: Person; readonly connects: TokenBucket; connections: number }>()

  return {
    admit({ kind, id }) {
      const key = `${kind} ${id}`
      const known = people.get(key) ?? {
        person: { key, events: createTokenBucket(limits.events, time), refusals: createTokenBucket(limits.refusals, time) },
        connects: createTokenBucket(limits.connectsPerPerson, time),
        connections: 0,
      }
      people.set(key, known)
      if (known.connections >= limits.maxConnectionsPerPerson || known.connects.take() > 0) return null
      known.connections++
      return {
        person: known.person,
        release() {
          known.connections--
          if (known.connections === 0)
            after(REMEMBERED_MS, () => known.connections === 0 && people.get(key) === known && people.delete(key))
        },
      }
    },
  }
}
