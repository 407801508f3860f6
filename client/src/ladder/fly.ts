/** A packet on its way over the page: from the form in which it was written into its arrow, or from its arrow to where it is read. */
import type { Point } from './shapes.ts'

/** Where a packet is on its way. `at`: the fraction of the time. */
interface Station {
  readonly at: number
  readonly point: Point
  readonly scale: number
}

const TRAVEL_MS = 600
/** The fraction of that time that an own packet takes to reach its arrow. */
const LIFT = 0.4
/** How long a packet takes from the end of its arrow to where it is read. */
const LAND_MS = 300

export const movesAllowed = (): boolean => !matchMedia('(prefers-reduced-motion: reduce)').matches

const centreOf = (element: Element): Point => {
  const { left, top, width, height } = element.getBoundingClientRect()
  return { x: left + width / 2, y: top + height / 2 }
}

/** Lifts a packet off the element in which it was written, and lets it travel along its arrow. Points are px of the window. */
export const liftOff = (text: string, tone: string, written: Element, from: Point, to: Point): void =>
  void fly(text, tone, TRAVEL_MS, [
    { at: 0, point: centreOf(written), scale: 1.75 },
    { at: LIFT, point: from, scale: 1 },
    { at: 1, point: to, scale: 1 },
  ])

/** Lets a packet travel along its arrow, and from there to the element in which it is read, which then lights up. */
export async function land(text: string, tone: string, from: Point, to: Point, findRead: () => Element | null): Promise<void> {
  const read = findRead()
  const duration = TRAVEL_MS + (read ? LAND_MS : 0)
  const stations = [
    { at: 0, point: from, scale: 1 },
    { at: TRAVEL_MS / duration, point: to, scale: 1 },
  ]
  await fly(text, tone, duration, read ? [...stations, { at: 1, point: centreOf(read), scale: 1.4 }] : stations)
  read?.animate([{ transform: 'scale(1.02)' }, {}], { duration: 200, easing: 'ease-out' })
}

async function fly(text: string, tone: string, duration: number, stations: readonly Station[]): Promise<void> {
  const packet = document.createElement('span')
  packet.className = `packet segment ${tone}`
  packet.textContent = text
  packet.ariaHidden = 'true'
  document.body.append(packet)
  const frames = stations.map(({ at, point, scale }, i) => ({
    offset: at,
    transform: `translate(${point.x}px, ${point.y}px) translate(-50%, -50%) scale(${scale})`,
    opacity: i === stations.length - 1 ? 0.2 : 1,
    easing: 'ease-in-out',
  }))
  try {
    await packet.animate(frames, { duration }).finished
  } finally {
    packet.remove()
  }
}
