/** The keys of the projector view: each opens a panel; arrows, space and the keys of a presenter's remote go through it. Pure. */

/** What the projector view shows beside the exercise's progress. */
export const PANELS = ['overview', 'join', 'mistakes', 'votes', 'best', 'live', 'clock', 'walk'] as const
export type Panel = (typeof PANELS)[number]

/** The key of each panel, as a capital letter. */
export const PANEL_KEYS: { readonly [P in Panel]: string } = {
  overview: 'O',
  join: 'J',
  mistakes: 'M',
  votes: 'A',
  best: 'B',
  live: 'L',
  clock: 'C',
  walk: 'W',
}

export type ScreenCommand =
  | { readonly kind: 'panel'; readonly panel: Panel }
  /** Go on, or back, by so many steps. */
  | { readonly kind: 'step'; readonly by: 1 | -1 }
  /** Choose the item with this number, from 1. */
  | { readonly kind: 'choose'; readonly item: number }
  | { readonly kind: 'help' }

const NEXT_KEYS: readonly string[] = ['ArrowRight', 'ArrowDown', 'PageDown', ' ']
const PREVIOUS_KEYS: readonly string[] = ['ArrowLeft', 'ArrowUp', 'PageUp']

/** What a key does; null if nothing. `key`: as in `KeyboardEvent`. */
export function readScreenKey(key: string): ScreenCommand | null {
  if (NEXT_KEYS.includes(key)) return { kind: 'step', by: 1 }
  if (PREVIOUS_KEYS.includes(key)) return { kind: 'step', by: -1 }
  if (key === 'Escape') return { kind: 'panel', panel: 'overview' }
  if (/^[1-9]$/.test(key)) return { kind: 'choose', item: Number(key) }
  const letter = key.toUpperCase()
  if (letter === 'H') return { kind: 'help' }
  const panel = PANELS.find((each) => PANEL_KEYS[each] === letter)
  return panel ? { kind: 'panel', panel } : null
}
