/**
 * The act of this tab that the server has not answered. It is stored until it has: beyond a reload, and beyond the end of its round, so that its
 * author learns that it came too late, wherever the page is by then.
 */
import type { SeatAction, WireAction } from '../../../protocol/round/model/action.ts'
import { readStorage, writeStorage, type PageStorage } from './storage.ts'
import type { PendingAct } from './view-feed.ts'

/** `kind`: the event by which it is sent. */
export type UnansweredAct =
  { readonly kind: 'act'; readonly act: PendingAct<SeatAction> } | { readonly kind: 'wire'; readonly act: PendingAct<WireAction> }

const STORAGE_KEY = 'unanswered'

/** The stored act; null if there is none. */
export function readUnansweredAct(storage: PageStorage): UnansweredAct | null {
  const text = readStorage(storage, STORAGE_KEY)
  return text === null ? null : (JSON.parse(text) as UnansweredAct)
}

/** Stores the unanswered act of a round in place of the one before. */
export const writeUnansweredAct = (storage: PageStorage, unanswered: UnansweredAct): void =>
  writeStorage(storage, STORAGE_KEY, JSON.stringify(unanswered))

/** Removes the stored act if it is one of this round. */
export function removeUnansweredAct(storage: PageStorage, round: string): void {
  if (readUnansweredAct(storage)?.act.round === round) writeStorage(storage, STORAGE_KEY, null)
}
