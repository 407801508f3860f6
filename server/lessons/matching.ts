/** Random matching of people into pairs. */

/**
 * Pairs everybody at random; with an odd number, one is left out. Former partners are kept apart if anybody else is available.
 * `random` returns numbers in [0, 1).
 */
export function matchAtRandom(
  people: readonly string[],
  werePartners: (a: string, b: string) => boolean,
  random: () => number,
): [string, string][] {
  const order = shuffle(people, random)
  const at = (i: number) => order[i] as string
  const pairs = Math.floor(order.length / 2)
  /** Whether the person at this index is unpaired or has a new partner. */
  const isNewMatch = (place: number) => {
    const first = place - (place % 2)
    return first >= pairs * 2 || !werePartners(at(first), at(first + 1))
  }
  const swap = (a: number, b: number) => ([order[a], order[b]] = [at(b), at(a)])

  for (let pair = 0; pair < pairs; pair++) {
    const second = 2 * pair + 1
    for (let other = 0; !isNewMatch(second) && other < order.length; other++) {
      if (other >> 1 === pair) continue
      const otherWasFresh = isNewMatch(other)
      swap(second, other)
      if (!isNewMatch(second) || (otherWasFresh && !isNewMatch(other))) swap(second, other)
    }
  }
  return Array.from({ length: pairs }, (_, pair) => [at(2 * pair), at(2 * pair + 1)])
}

/** The Fisher–Yates shuffle. */
function shuffle(people: readonly string[], random: () => number): string[] {
  const order = [...people]
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j] as string, order[i] as string]
  }
  return order
}
