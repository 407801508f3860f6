/**
 * Chips: texts that a tap types into a field, and that can be dragged there. By pointer events, so that mouse, pen and finger do alike. Who
 * uses the keyboard types.
 */
import type { Attachment } from 'svelte/attachments'

/** A pointer that has moved less far (px) taps. */
const DRAG_FROM_PX = 6

type Take = (chip: string) => void
/** The fields on the page that take chips, in its order. */
const fields = new Map<Element, Take>()
/** The field in which was typed last. */
let recent: Element | null = null

/** Makes an element a field onto which chips can be dropped. */
export const acceptChips =
  (take: Take): Attachment =>
  (element) => {
    fields.set(element, take)
    const onfocusin = () => (recent = element)
    element.addEventListener('focusin', onfocusin)
    return () => {
      element.removeEventListener('focusin', onfocusin)
      fields.delete(element)
      if (recent === element) recent = null
    }
  }

/** Types a chip into the field in which was typed last, otherwise into the first one. */
const typeIntoRecent: Take = (chip) => {
  const [first] = fields.values()
  ;((recent && fields.get(recent)) ?? first)?.(chip)
}

const findField = (x: number, y: number): Element | null => {
  for (let at = document.elementFromPoint(x, y); at; at = at.parentElement) if (fields.has(at)) return at
  return null
}

/** Makes an element a chip. `ontap`: by default it is typed into the field in which was typed last. */
export const chip =
  (text: string, ontap: Take = typeIntoRecent): Attachment<HTMLElement> =>
  (element) => {
    const off = new AbortController()
    const on = <E extends keyof HTMLElementEventMap>(event: E, listener: (e: HTMLElementEventMap[E]) => void) =>
      element.addEventListener(event, listener, { signal: off.signal })
    let from: PointerEvent | null = null
    let ghost: HTMLElement | null = null
    let over: Element | null = null
    let wasDragged = false

    const mark = (field: Element | null) => {
      over?.removeAttribute('data-over')
      over = field
      over?.setAttribute('data-over', '')
    }
    const end = () => {
      mark(null)
      ghost?.remove()
      from = ghost = null
    }
    on('pointerdown', (stroke) => {
      wasDragged = false
      if (stroke.button !== 0 || element.matches(':disabled')) return
      from = stroke
      element.setPointerCapture(stroke.pointerId)
    })
    on('pointermove', ({ clientX, clientY }) => {
      if (!from) return
      if (!ghost) {
        if (Math.hypot(clientX - from.clientX, clientY - from.clientY) < DRAG_FROM_PX) return
        wasDragged = true
        ghost = document.createElement('span')
        ghost.className = 'ghost segment'
        ghost.textContent = text
        document.body.append(ghost)
      }
      ghost.style.transform = `translate(${clientX}px, ${clientY}px) translate(-50%, -120%)`
      mark(findField(clientX, clientY))
    })
    on('pointerup', () => {
      const take = over && fields.get(over)
      end()
      take?.(text)
    })
    on('pointercancel', end)
    // The field keeps the focus.
    on('mousedown', (stroke) => stroke.preventDefault())
    on('click', () => {
      if (!wasDragged) ontap(text)
    })
    return () => {
      off.abort()
      end()
    }
  }
