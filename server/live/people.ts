/** The people who are connected to this node, and their rate limits across all of their connections. */
import type { LiveLimits } from '../base/limits.ts'
import type { After } from '../base/timer.ts'
import { createTokenBucket, type TokenBucket } from '../base/token-bucket.ts'
import type { Principal } from '../identity/auth.ts'

/** A person and their rate limits, which all of their connections share. */
export interface Person {
  /** Identifies the person, such as `participant 8f…`. */
  readonly key: string
  readonly events: TokenBucket
  /** Limits how often they are answered that they send too many events. */
  readonly refusals: TokenBucket
}

/** The people who are connected to this node. */
export interface People {
  /**
   * Counts one more connection of this person until `release` is called. Null if they have too many connections, or connect too
   * often.
   */
  admit(principal: Principal): { readonly person: Person; readonly release: () => void } | null
}

/**
 * Real ms for which a person is remembered after their last disconnect, so that reconnecting does not reset the limits. By then
 * all buckets are full again.
 */
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
