/** Reconstructs views from updates, as a page does. */
import type { Act } from '../../contract/events.ts'
import { mergeView, type ViewUpdate } from '../../protocol/round/view/view-update.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import type { WireView } from '../../protocol/round/view/wire-view.ts'

type View = PlayerView | WireView

/** Adds the updates that follow `held` without a gap; ignores all others. `asked`: the act that the updates answer. */
export function takeUpdates<V extends View>(
  held: V[],
  updates: readonly ViewUpdate<V>[],
  asked?: Pick<Act, 'id' | 'action'>,
): void {
  for (const update of updates) if (update.n === held.length + 1) held.push(mergeView(held.at(-1), update, asked))
}

/** The views that result from these updates, which start with the first one. */
export function mergeViews<V extends View>(updates: readonly ViewUpdate<V>[]): readonly V[] {
  const views: V[] = []
  takeUpdates(views, updates)
  return views
}
