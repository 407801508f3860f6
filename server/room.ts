/**
 * One round in memory: the fold of its rows, and the views that its seats hold.
 *
 * Its actions are judged one after another on the world as it is now, and everything that the judge answers a seat is a row, so that
 * every answer can be given again. A row is written before anyone hears of it, and never more than one is unwritten. Any node may
 * write: the log refuses an index that is taken, then the tail is read, folded, and the action judged again.
 */
import { isDeepStrictEqual } from 'node:util'
import { TLS_TOOLS } from '../exercises/tls.ts'
import { ENGINE } from '../protocol/version.ts'
import type { Action, Actor, ControlAction, Entry, SeatAction, WireAction } from '../protocol/world/action.ts'
import { apply, fold } from '../protocol/world/apply.ts'
import { type AnySeat, SEATS, type Seat } from '../protocol/world/exercise.ts'
import type { Script } from '../protocol/world/script.ts'
import { holdsTheClock, judge } from '../protocol/world/judge.ts'
import { partnerMove } from '../protocol/world/partner.ts'
import { mistakeNext } from '../protocol/world/plant.ts'
import type { View } from '../protocol/world/view.ts'
import { type Texts, view } from '../protocol/world/views.ts'
import { wireView, type WireView } from '../protocol/world/wire-view.ts'
import type { World } from '../protocol/world/world.ts'
import { Failed } from './failed.ts'
import type { Log } from './log.ts'
import type { After } from './timer.ts'

/** A seat's action as it comes in. `via`: the connection that brought it, whose reply carries the view. */
export interface SeatAct<S extends AnySeat = Seat> {
  readonly id: string
  readonly seen: number
  readonly action: S extends Seat ? SeatAction : WireAction
  readonly via?: string
}

/** What a seat is given of an entry. */
export type ViewOf<S extends AnySeat> = S extends Seat ? View : WireView

/** An entry that has been written and folded. */
export interface News {
  readonly entry: Entry
  readonly world: World
  /** All entries of the round up to this one. */
  readonly entries: readonly Entry[]
  /** What each seat receives of it. */
  readonly views: { readonly [S in AnySeat]: ViewOf<S> | null }
  /** How it has come here: this node wrote it, its writer has told of it, or it was found in the log and its writer may be dead. */
  readonly source: 'own' | 'heard' | 'found'
  readonly via: string | null
}

export interface RoomPorts {
  readonly log: Log
  readonly now: () => Date
  readonly after: After
  /** Must not throw. */
  readonly publish: (news: News) => void
  /** The texts that a round's log does not hold; none, where absent. */
  readonly texts?: ((script: Script) => Promise<Texts>) | undefined
  /** Real ms after which the wait of a seat that holds the clock is lodged for it, and a segment that a network seat leaves lying is let pass. */
  readonly idleAfter: number
}

const NO_TEXTS: Texts = { hint: () => undefined, why: () => undefined }

export class Room {
  readonly #id: string
  readonly #ports: RoomPorts
  readonly #entries: Entry[] = []
  readonly #done = new Map<string, Entry>()
  readonly #views = { client: [] as View[], server: [] as View[], network: [] as WireView[] }
  /** The index of the entry that each view is of. */
  readonly #viewed: { readonly [S in AnySeat]: number[] } = { client: [], server: [], network: [] }
  #world: World | null = null
  /** Null until it is known what is played. */
  #texts: Texts | null = null
  /** The latest worlds, oldest first: what an act was composed on is seldom older, and need not be folded again. */
  readonly #recent: World[] = []
  /** The log has been read once: what comes to light from now on is news. */
  #loaded = false
  /** The log may hold rows that have not been folded. */
  #behind = true
  #last: Promise<unknown> = Promise.resolve()
  #pending = 0
  #callOff: (() => void) | null = null

  constructor(id: string, ports: RoomPorts) {
    this.#id = id
    this.#ports = ports
  }

  /** Nothing is under way and nothing will happen by itself. */
  get resting(): boolean {
    return this.#pending === 0 && this.#callOff === null
  }

  /**
   * Does a seat's action, and answers with every view of that seat after `seen`, its own among them. The same id with the same body
   * changes nothing and gives the first answer again. Throws `Failed`, or what the log throws.
   */
  act<S extends AnySeat>(seat: S, { id, seen, action, via }: SeatAct<S>): Promise<readonly ViewOf<S>[]> {
    return this.#serially(async () => {
      const views = this.#viewsOf(seat)
      if (this.#behind || seen > views.length) await this.#readTail()
      if (!this.#world) throw new Failed('not-found', 'There is no such round.')
      if (seen > views.length) throw new Failed('malformed', `seen is ${seen}, but this seat has been given ${views.length} views.`)
      if (seat !== 'network') await this.#comesBack(seat)
      const entry = await this.#enter({ actor: seat, id, action, seen, via: via ?? null })
      if (entry && !isDeepStrictEqual(entry.action, action)) {
        throw new Failed('id-reused', 'Another action of this seat has that id.')
      }
      return views.slice(seen)
    })
  }

  /** Whoever acts is back, even where nobody has seen them come. */
  async #comesBack(seat: Seat): Promise<void> {
    if (this.#world?.seats[seat].player === 'partner')
      await this.#enterControl('system', { type: 'control', control: 'return', seat })
    if (this.#world?.seats[seat].player === 'partner') throw new Failed('conflict', 'The built-in partner plays this seat.')
  }

  #viewsOf<S extends AnySeat>(seat: S): readonly ViewOf<S>[] {
    return this.#views[seat] as readonly (View | WireView)[] as readonly ViewOf<S>[]
  }

  /** Appends an action of the teacher or the system; one that does not apply now, or has been done, changes nothing. */
  control(actor: 'teacher' | 'system', action: ControlAction | WireAction): Promise<void> {
    return this.#serially(async () => {
      if (this.#behind) await this.#readTail()
      await this.#enterControl(actor, action)
    })
  }

  start(script: Script): Promise<void> {
    return this.control('system', { type: 'control', control: 'start', script })
  }

  /** A seat's views after number `from`. `anew`: also those of entries that this node may not have heard of. */
  views<S extends AnySeat>(seat: S, from: number, anew: boolean): Promise<readonly ViewOf<S>[]> {
    return this.#read(anew, () => this.#viewsOf(seat).slice(from))
  }

  entries(anew: boolean): Promise<readonly Entry[]> {
    return this.#read(anew, () => [...this.#entries])
  }

  world(anew: boolean): Promise<World | null> {
    return this.#read(anew, () => this.#world)
  }

  /** Another node has written `entry`. */
  heard(entry: Entry): Promise<void> {
    return this.#serially(async () => {
      if (this.#behind || entry.index > this.#entries.length) await this.#readTail()
      else if (entry.index === this.#entries.length) {
        await this.#learn(scriptIn(entry.action))
        this.#fold(entry)
        this.#publish(entry, 'heard', null)
        this.#watch()
      }
    })
  }

  /** Folds and publishes what other nodes may have written unheard. */
  catchUp(): Promise<void> {
    return this.#read(true, () => undefined)
  }

  /** Resolves when what is under way has been done; nothing happens by itself afterwards. */
  async close(): Promise<void> {
    await this.#last
    this.#callOff?.()
    this.#callOff = null
  }

  #read<T>(anew: boolean, take: () => T): Promise<T> {
    return this.#serially(async () => {
      if (this.#behind || anew) await this.#readTail()
      return take()
    })
  }

  #serially<T>(job: () => Promise<T>): Promise<T> {
    this.#pending++
    const run = this.#last.then(job)
    this.#last = run.then(
      () => void this.#pending--,
      () => void this.#pending--,
    )
    return run
  }

  #enterControl(actor: 'teacher' | 'system', action: ControlAction | WireAction): Promise<Entry | null> {
    return this.#enter({ actor, id: this.#controlId(action), action, seen: null, via: null })
  }

  /** Judges and appends until a row stands, and returns it; the first one of this actor and id, where there is one. Null: nothing to write. */
  async #enter(act: Entering): Promise<Entry | null> {
    const { log, now } = this.#ports
    const { actor, id, action, seen } = act
    for (;;) {
      const first = this.#done.get(`${actor} ${id}`)
      if (first) return first
      if (act.index !== undefined && act.index !== this.#entries.length) return null

      const tools = { seen: () => this.#worldAt(actor, seen), tls: TLS_TOOLS }
      const { verdict, effects } = judge(this.#world, { actor, action, seen }, tools)
      // A seat gets an answer, and a row, whatever it has tried.
      if (seen === null && verdict.outcome !== 'accepted') return null
      const script = this.#world?.script ?? scriptIn(action)
      if (!script) throw new Failed('not-found', 'There is no such round.')
      await this.#learn(script)
      const entry: Entry = {
        roundId: this.#id,
        index: this.#entries.length,
        actionId: id,
        actor,
        action,
        seen,
        verdict,
        effects,
        engine: ENGINE,
        exercise: `${script.exercise}@${script.version}`,
        at: now().toISOString(),
      }

      this.#behind = true // until it is known what became of it
      if ((await log.append(entry)) === 'written') {
        this.#behind = false
        this.#fold(entry)
        this.#publish(entry, 'own', act.via)
        this.#watch()
        return entry
      }
      const known = this.#entries.length
      await this.#readTail()
      if (this.#entries.length === known)
        throw new Error(`round ${this.#id}: entry ${known} is taken, and the log does not show by what`)
    }
  }

  async #readTail(): Promise<void> {
    this.#behind = true
    const rows = await this.#ports.log.read(this.#id, this.#entries.length)
    for (const row of rows) {
      await this.#learn(scriptIn(row.action))
      this.#fold(row)
      if (this.#loaded) this.#publish(row, 'found', null)
    }
    this.#behind = false
    if (!this.#loaded || rows.length > 0) this.#watch()
    this.#loaded = true
  }

  /** Has the texts ready before the first entry is folded. */
  async #learn(script: Script | null): Promise<void> {
    if (script && !this.#texts) this.#texts = (await this.#ports.texts?.(script)) ?? NO_TEXTS
  }

  #fold(entry: Entry): void {
    const before = this.#world
    const world = apply(before, entry)
    this.#world = world
    this.#recent.push(world)
    if (this.#recent.length > RECENT) this.#recent.shift()
    this.#entries.push(entry)
    this.#done.set(`${entry.actor} ${entry.actionId}`, entry)
    for (const seat of SEATS) {
      const body = view(before, world, entry, seat, this.#texts ?? NO_TEXTS)
      if (!body) continue
      this.#views[seat].push({ n: this.#views[seat].length + 1, event: body.event, now: body.now })
      this.#viewed[seat].push(entry.index)
    }
    const wire = wireView(before, world, entry)
    if (!wire) return
    this.#views.network.push({ n: this.#views.network.length + 1, ...wire })
    this.#viewed.network.push(entry.index)
  }

  /** Tells of the entry folded last. */
  #publish(entry: Entry, source: News['source'], via: string | null): void {
    if (!this.#world) return
    const latest = <S extends AnySeat>(seat: S) =>
      this.#viewed[seat].at(-1) === entry.index ? (this.#viewsOf(seat).at(-1) ?? null) : null
    const views = { client: latest('client'), server: latest('server'), network: latest('network') }
    this.#ports.publish({ entry, world: this.#world, entries: this.#entries, views, source, via })
  }

  /** The world as it stood at a seat's view number `seen`; before its first view, as the round began. */
  #worldAt(actor: Actor, seen: number | null): World {
    if (actor !== 'client' && actor !== 'server') throw new Error(`${actor} has no views`)
    const last = this.#viewed[actor][(seen ?? 0) - 1] ?? 0
    const world = this.#recent.find(({ index }) => index === last + 1) ?? fold(this.#entries.slice(0, last + 1))
    if (!world) throw new Error(`round ${this.#id} has not begun`)
    return world
  }

  /** What is done once in a round has one id, and what may come again one for each place in the log: two nodes cannot double it. */
  #controlId(action: ControlAction | WireAction): string {
    if (action.type === 'wire')
      return `${action.wire}-${action.wire === 'inject' ? action.injection : action.segment}-${this.#entries.length}`
    return action.control === 'start' || action.control === 'end' ? action.control : `${action.control}-${this.#entries.length}`
  }

  /**
   * What the round does by itself once nothing has happened for a while: the built-in partner acts in a seat of its own, a seat that
   * alone holds the clock has its wait lodged for it, and a segment that a network seat leaves lying is let pass.
   */
  #watch(): void {
    this.#callOff?.()
    this.#callOff = null
    const next = this.#world && this.#next(this.#world)
    if (!next) return
    const index = this.#entries.length
    this.#callOff = this.#ports.after(next.after, () => {
      this.#callOff = null
      this.#happen(next, index).catch(() => this.#watch())
    })
  }

  #next(world: World): ByItself | null {
    const moves = SEATS.flatMap((seat): ByItself[] => {
      if (world.seats[seat].player !== 'partner' || this.#stuck(seat)) return []
      const mistake = mistakeNext(world, seat)
      if (mistake) return mistake === 'reaction' ? [] : [{ actor: 'system', ...mistake }]
      const move = partnerMove(world, seat, world.script.partner)
      return move ? [{ actor: seat, ...move }] : []
    })
    const seat = holdsTheClock(world)
    if (seat) moves.push({ actor: 'system', action: { type: 'control', control: 'idle', seat }, after: this.#ports.idleAfter })
    const lying = world.script.network && world.stops && !world.over && !world.paused && world.wire.find(({ due }) => due === null)
    if (lying)
      moves.push({ actor: 'system', action: { type: 'wire', wire: 'pass', segment: lying.id }, after: this.#patience(lying.id) })
    return moves.sort((a, b) => a.after - b.after)[0] ?? null
  }

  /** Real ms for which a segment that has been stopped on the wire may stay there still. */
  #patience(id: number): number {
    const stopped = this.#entries.findLast(({ effects }) => effects.some((e) => e.is === 'held' && e.id === id))
    const since = stopped ? this.#ports.now().getTime() - Date.parse(stopped.at) : 0
    return Math.max(0, this.#ports.idleAfter - since)
  }

  /** The partner has done what did not come about: it does not insist. */
  #stuck(seat: Seat): boolean {
    const last = this.#entries.at(-1)
    return last?.actor === seat && last.actionId.startsWith(BY_PARTNER) && last.verdict.outcome !== 'accepted'
  }

  #happen({ actor, action }: ByItself, index: number): Promise<void> {
    return this.#serially(async () => {
      if (this.#behind) await this.#readTail()
      const id = actor === 'system' ? this.#controlId(action) : `${BY_PARTNER}${index}`
      const seen = actor === 'system' ? null : this.#views[actor].length
      await this.#enter({ actor, id, action, seen, via: null, index })
    })
  }
}

/** Worlds that a room keeps; each shares with the one before what has not changed. */
const RECENT = 64

const scriptIn = (action: Action): Script | null => ('script' in action ? action.script : null)

interface Entering {
  readonly actor: Actor
  readonly id: string
  readonly action: Action
  readonly seen: number | null
  readonly via: string | null
  /** It is meant for this place in the log and for no other. */
  readonly index?: number
}

/** What happens in a round without anybody's doing, and in how many real ms. */
type ByItself = { readonly after: number } & (
  { readonly actor: 'system'; readonly action: ControlAction | WireAction } | { readonly actor: Seat; readonly action: SeatAction }
)

/** Begins the ids of the partner's acts. No client can send it: there is a space in it. */
const BY_PARTNER = 'partner '
