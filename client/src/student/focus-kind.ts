/** What the element that has the focus does with the keys of the round page. */
import type { FocusKind } from './keyboard.ts'

/** `panel`: the seat's controls. */
export function findFocusKind(target: EventTarget | null, panel: HTMLElement): FocusKind {
  if (!(target instanceof HTMLElement)) return 'page'
  if (target.closest('dialog')) return 'dialog'
  const inside = panel.contains(target)
  if (target instanceof HTMLTextAreaElement) return 'other-text-field'
  if (target.closest('.compose') && !target.closest('button')) return 'message'
  if (target.closest('#state')) return 'select'
  if (target instanceof HTMLSelectElement) return inside ? 'select' : 'other-text-field'
  if (target instanceof HTMLInputElement && target.type !== 'checkbox' && target.type !== 'radio')
    return inside ? 'field' : 'other-text-field'
  // The bit buttons are toggled with Space, so that Enter sends the segment from there as well.
  const pressable = target.closest('button, a, summary, input')
  return pressable && !pressable.hasAttribute('aria-pressed') ? 'button' : 'page'
}
