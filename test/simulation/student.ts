/**
 * A student at a page, who receives views, thinks, and acts on what the page shows. The page is the product's own feed on a
 * simulated connection.
 */
import type { Place } from '../../contract/places.ts'
import {
  EMPTY_FEED,
  FeedConnection,
  reduceFeed,
  type Feed,
  type FeedEvent,
  type PendingAct,
} from '../../client/src/lib/view-feed.ts'
import type { SeatOrNetwork } from '../../protocol/seat.ts'
import type { SeatAction, WireAction } from '../../protocol/round/model/action.ts'
import { toShownAction } from '../../protocol/round/view/opaque-ids.ts'
import { toSeatAction } from '../../protocol/round/play/partner.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import type { World } from '../../protocol/round/model/world.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import type { WireView } from '../../protocol/round/view/wire-view.ts'
import type { Node } from './node.ts'
import { roundOf } from './node.ts'
import type { Weather } from './network.ts'
import type { Referee } from './referee.ts'
import { ClientEnd, type View } from './socket.ts'
import type { VirtualTime } from './virtual-time.ts'

type AnyAction = SeatAction | WireAction
interface Page extends Feed<View, AnyAction, { readonly id: string; readonly seat: SeatOrNetwork }> {
  readonly place: Place | null
}

/** How a student behaves. */
export interface Character {
  /** The shortest and longest time before each act, in virtual ms. */
  readonly thinkMs: readonly [number, number]
  /** The probability that an act is wrong. */
  readonly errs: number
}

export interface StudentDeps {
  readonly time: VirtualTime
  readonly weather: Weather
  readonly referee: Referee
  readonly pickNode: () => Node | null
}

export class Student {
  readonly name: string
  character: Character
  /** Whether the student has left the page. */
  away = false
  readonly end: ClientEnd
  #page: Page = { round: null, place: null, ...EMPTY_FEED }
  readonly #deps: StudentDeps
  readonly #feed: FeedConnection<View, AnyAction>
  readonly #disconnected: (() => void)[] = []
  #thinking = false

  constructor(name: string, character: Character, deps: StudentDeps) {
    this.name = name
    this.character = character
    this.#deps = deps
    const { time } = deps
    this.end = new ClientEnd(deps, name, {
      onConnect: () => {},
      onDisconnect: () => this.#disconnected.forEach((listener) => listener()),
      onPlace: (place) => this.#onPlace(place),
      onView: (round, view) => this.#feed.receive(round, view),
    })
    const seat = () => this.#page.round!.seat
    this.#feed = new FeedConnection<View, AnyAction>({
      socket: this.end.asSocket((listener) => this.#disconnected.push(listener)),
      read: () => this.#page,
      dispatch: (event) => this.#dispatch(event),
      resume: (body) => this.end.request({ event: 'resume', body: { ...body, seat: seat() } }),
      send: (act) => this.end.request({ event: 'act', body: { ...act, seat: seat() } }),
      after: time.after(`${name} tries again`),
    })
  }

  get page(): Page {
    return this.#page
  }

  /** Reloads the page. The tab's storage keeps the act that has not been answered. */
  reload(): void {
    const { pending, round } = this.#page
    this.#page = { ...EMPTY_FEED, round, place: null, pending }
    this.end.cut()
  }

  #dispatch(event: FeedEvent<View, AnyAction>): void {
    this.#page = reduceFeed<View, AnyAction, Page>(this.#page, event)
    const { views, round } = this.#page
    if (event.kind === 'views' && round) {
      if (views.some(({ n }, i) => n !== i + 1)) this.#deps.referee.fail('views have no gap', `${this.name} holds ${round.id}`)
      this.#deps.referee.onViews(this.name, round.id, round.seat, views.slice(-event.views.length))
    }
    this.think()
  }

  #onPlace(place: Place): void {
    const round = roundOf(place)
    const kept: PendingAct<AnyAction> | null = round?.id === this.#page.round?.id ? this.#page.pending : null
    this.#page = round?.id === this.#page.round?.id ? { ...this.#page, place } : { ...EMPTY_FEED, place, round, pending: kept }
    void this.#feed.resume()
    this.think()
  }

  /** Schedules the next action. It is chosen after the thinking time, for the view of that moment. */
  think(): void {
    if (this.#thinking || this.away) return
    this.#thinking = true
    const { time } = this.#deps
    time.schedule(time.between(this.character.thinkMs), `${this.name} thinks`, () => {
      this.#thinking = false
      if (this.away) return
      const action = this.#choose()
      if (action) this.#feed.act(action)
    })
  }

  #choose(): AnyAction | null {
    const { round, views, pending } = this.#page
    const last = views.at(-1)
    if (!round || pending || !last || last.now.over || last.now.paused) return null
    if (round.seat === 'network') return this.#chooseOnWire(last as WireView)
    const truth = this.#deps.referee.rounds.get(round.id)
    const index = truth?.viewIndexes[round.seat][views.length - 1]
    const world = index === undefined ? undefined : truth?.worlds[index]
    if (!world) return null
    const action = this.#chooseAtHost(world, round.seat)
    // The page shows why the action is not possible now.
    const { reasons, events } = (last as PlayerView).now
    const isOff =
      action && (action.kind in reasons || ((action.kind === 'claim' || action.kind === 'discard') && events.length === 0))
    return isOff && this.character.errs === 0 ? null : action
  }

  /** The engine's next action in the state that the page shows, or a wrong variant of it. */
  #chooseAtHost(world: World, seat: Exclude<SeatOrNetwork, 'network'>): SeatAction | null {
    const { time } = this.#deps
    const next = nextEngineAction(world, seat)
    const right = toSeatAction(world, seat, next)
    if (time.chance(this.character.errs)) return toShownAction(world.script, seat, this.#err(right, world))
    if (next.kind === 'wait' && world.seats[seat].waitRequested) return null
    return toShownAction(world.script, seat, right)
  }

  #err(right: SeatAction, world: World): SeatAction {
    const { time } = this.#deps
    const wrong: SeatAction[] = [
      { kind: 'wait' },
      { kind: 'hint' },
      { kind: 'claim', event: Math.ceil(time.random() * 9), state: 'CLOSING' },
    ]
    if (right.kind === 'send') {
      const { segment } = right
      wrong.push({ ...right, state: 'LISTEN' }, { ...right, segment: { ...segment, ack: segment.seq } })
      wrong.push({ ...right, segment: { ...segment, bits: segment.bits ^ (1 << Math.floor(time.random() * 6)) } })
    }
    if (right.kind === 'answer') {
      const questions = world.script.scenes[world.sceneIndex]!.questions
      const asked = [...questions.client, ...questions.server].find(({ id }) => id === right.question)
      if (asked) wrong.push({ ...right, choice: time.oneOf(asked.order) })
    }
    return time.oneOf(wrong)
  }

  #chooseOnWire({ now }: WireView): WireAction | null {
    const { time } = this.#deps
    const lying = now.inFlight.find(({ held }) => !held)
    if (!lying) return null
    const others = now.permittedOperations.filter((operation) => operation !== 'inject')
    const wire = time.chance(this.character.errs) && others.length > 0 ? time.oneOf(others) : 'pass'
    return { kind: 'wire', wire, segment: lying.id }
  }
}
