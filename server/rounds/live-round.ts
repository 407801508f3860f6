/**
 * One round on this node: it takes acts in, writes them, and tells of them.
 *
 * Its acts are judged one after another on the world as it is now (see `Round`), and everything that the judge answers a seat is a row, so that
 * every answer can be given again. An entry is written before it is published, and never more than one is unwritten. Any node may
 * write: the log refuses an index that is taken, then the tail is read, folded, and the action judged again.
 */
import { isDeepStrictEqual } from 'node:util'
import { readShownAction } from '../../protocol/round/view/opaque-ids.ts'
import type { Action, ControlAction, SeatAction, WireAction } from '../../protocol/round/model/action.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { type AutomaticAction, listAutomaticActions } from '../../protocol/round/play/automatic-action.ts'
import { type Act, type EntryUpdates, Round, type UpdateOf } from '../../protocol/round/round.ts'
import type { TlsTools } from '../../protocol/round/rules/tls-end.ts'
import type { HintTexts } from '../../protocol/round/view/project-seat-view.ts'
import { withoutEcho } from '../../protocol/round/view/view-update.ts'
import type { Seat, SeatOrNetwork } from '../../protocol/seat.ts'
import { ApiError } from '../base/api-error.ts'
import { MAX_ROUND_ENTRIES } from '../base/limits.ts'
import type { Metrics } from '../base/metrics.ts'
import type { After } from '../base/timer.ts'
import type { RoundLog } from './log.ts'

/** A seat's action as it comes in. `connectionId`: the connection that brought it, whose reply carries the view. */
export interface SeatRequest<S extends SeatOrNetwork = Seat> {
  readonly id: string
  readonly seen: number
  readonly action: S extends Seat ? SeatAction : WireAction
  readonly connectionId?: string
}

/** An entry that has been written and folded. */
export interface RoundEvent {
  readonly entry: Entry
  readonly world: World
  /** All entries of the round up to this one. */
  readonly entries: readonly Entry[]
  /** What each seat receives of it. */
  readonly views: EntryUpdates
  /** local: written here. remote: received from the node that wrote it. recovered: found in the log; its writer may have crashed before telling anyone. */
  readonly source: 'local' | 'remote' | 'recovered'
  readonly connectionId: string | null
}

export interface LiveRoundDeps {
  readonly log: RoundLog
  readonly now: () => Date
  readonly after: After
  readonly tls: TlsTools
  /** Must not throw. */
  readonly publish: (event: RoundEvent) => void
  /** The texts that a round's log does not hold; none, where absent. */
  readonly texts?: ((script: Script) => Promise<HintTexts>) | undefined
  /** Real ms after which a wait is requested for the seat that holds the clock, and a segment that a network seat leaves on the wire is let pass. */
  readonly idleAfterMs: number
  /** Other nodes may write unheard: each answer to a question is read from the log first. */
  readonly alwaysRefresh?: boolean
  readonly metrics?: Pick<Metrics, 'observeJudging' | 'observeLog'> | undefined
}

/** Real ms after which a log that could not be read, or did not say what became of a row, is read again. */
const REREAD_AFTER_MS = 2_000
/** Real ms in which a row whose writing has failed may still be written: the database may have taken it, and be slow. */
const MAX_WRITE_MS = 10_000

const NO_TEXTS: HintTexts = { hint: () => undefined, why: () => undefined }

export class LiveRound {
  readonly #id: string
  readonly #deps: LiveRoundDeps
  readonly #round: Round
  /** Null until it is known what is played. */
  #texts: HintTexts | null = null
  /** The log has been read once: what comes to light from now on is news. */
  #loaded = false
  /** The log may hold rows that have not been folded. */
  #mayBeStale = true
  #queue: Promise<unknown> = Promise.resolve()
  #queuedJobs = 0
  /** Has been asked for, and has not begun. */
  #willCatchUp = false
  #cancelTimer: (() => void) | null = null
  /** By the purposes of what the round does by itself, in real ms since 1970. */
  #dueTimes: ReadonlyMap<string, number> = new Map()
  #cancelReread: (() => void) | null = null
  /** Real ms since 1970: until then a row whose writing has failed may turn up in the log. */
  #unclearUntil = 0

  constructor(id: string, deps: LiveRoundDeps) {
    this.#id = id
    this.#deps = deps
    this.#round = new Round({ id, tls: deps.tls, texts: () => this.#texts ?? NO_TEXTS })
  }

  /** No work is pending and no timer is set. */
  get isIdle(): boolean {
    return this.#queuedJobs === 0 && this.#cancelTimer === null && this.#cancelReread === null
  }

  /**
   * Does a seat's action, and answers with every view of that seat after `seen`, its own among them. The same id with the same body
   * changes nothing and gives the first answer again. Throws `ApiError`, or what the log throws.
   */
  act<S extends SeatOrNetwork>(seat: S, { id, seen, action: sent, connectionId }: SeatRequest<S>): Promise<readonly UpdateOf<S>[]> {
    return this.#enqueue(async () => {
      const views = this.#round.updatesOf(seat)
      if (this.#mayBeStale || seen > views.length) await this.#readTail()
      const script = this.#round.world?.script
      if (!script) throw new ApiError('not-found', 'There is no such round.')
      const action = seat === 'network' || sent.kind === 'wire' ? sent : readShownAction(script, seat, sent)
      if (seen > views.length)
        throw new ApiError('malformed', `seen is ${seen}, but this seat has been given ${views.length} views.`)
      if (!this.#round.findEntry(seat, id)) this.#requireRoom()
      if (seat !== 'network') await this.#returnSeatToPlayer(seat)
      const entry = await this.#judgeAndAppend({ actor: seat, actionId: id, action, seen, connectionId: connectionId ?? null })
      if (entry && !isDeepStrictEqual(entry.action, action)) {
        throw new ApiError('id-reused', 'Another action of this seat has that id.')
      }
      return views.slice(seen).map((view) => withoutEcho(view, { id, action: sent }))
    })
  }

  /** A round takes acts until it is over, and no more of them than anybody could play. Then nothing is written any more. */
  #requireRoom(): void {
    const { world, entries } = this.#round
    if (world?.over) throw new ApiError('round-over', 'The round was over before this came.')
    if (entries.length >= MAX_ROUND_ENTRIES) throw new ApiError('round-full', `A round has at most ${MAX_ROUND_ENTRIES} entries.`)
  }

  /** Gives a seat back from the built-in partner to the player who acts: their connection may not have been noticed yet. */
  async #returnSeatToPlayer(seat: Seat): Promise<void> {
    const isTaken = () => this.#round.world?.seats[seat].player === 'partner'
    if (isTaken()) await this.#appendControl('system', { kind: 'control', control: 'return', seat })
    if (isTaken()) throw new ApiError('conflict', 'The built-in partner plays this seat.')
  }

  /** Appends an action of the teacher or the system; one that does not apply now, or has been done, changes nothing. */
  control(actor: 'teacher' | 'system', action: ControlAction | WireAction): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#mayBeStale) await this.#readTail()
      await this.#appendControl(actor, action)
    })
  }

  start(script: Script): Promise<void> {
    return this.control('system', { kind: 'control', control: 'start', script })
  }

  /** A seat's views after number `from`. */
  readViews<S extends SeatOrNetwork>(seat: S, from: number): Promise<readonly UpdateOf<S>[]> {
    return this.#read(() => this.#round.updatesOf(seat).slice(from))
  }

  readEntries(): Promise<readonly Entry[]> {
    return this.#read(() => [...this.#round.entries])
  }

  readWorld(): Promise<World | null> {
    return this.#read(() => this.#round.world)
  }

  /** Another node has written `entry`. */
  receiveRemoteEntry(entry: Entry): Promise<void> {
    return this.#enqueue(async () => {
      const known = this.#round.entries.length
      if (this.#mayBeStale || entry.index > known) await this.#readTail()
      else if (entry.index === known) {
        await this.#loadTexts(scriptOf(entry.action))
        this.#publish(entry, this.#round.add(entry), 'remote')
        this.#scheduleNextAction()
      }
    })
  }

  /** Folds and publishes what other nodes may have written unheard. */
  async catchUp(): Promise<void> {
    if (this.#willCatchUp) return
    this.#willCatchUp = true
    await this.#enqueue(() => {
      this.#willCatchUp = false
      return this.#readTail()
    })
  }

  /** Resolves when what has been asked for so far is done. */
  async settle(): Promise<void> {
    await this.#queue
  }

  /** Cancels timers; resolves when pending work is done. */
  async close(): Promise<void> {
    await this.#queue
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#cancelReread?.()
    this.#cancelReread = null
  }

  #read<T>(take: () => T): Promise<T> {
    return this.#enqueue(async () => {
      if (this.#mayBeStale || this.#deps.alwaysRefresh) await this.#readTail()
      return take()
    })
  }

  #enqueue<T>(job: () => Promise<T>): Promise<T> {
    this.#queuedJobs++
    const run = this.#queue.then(job)
    const settle = () => {
      this.#queuedJobs--
      this.#scheduleReread()
    }
    this.#queue = run.then(settle, settle)
    return run
  }

  /** Where the last job has left the log unread, it is read again after a while: nobody else may ask. */
  #scheduleReread(): void {
    const isUnclear = this.#mayBeStale || this.#deps.now().getTime() < this.#unclearUntil
    if (!isUnclear || this.#cancelReread) return
    this.#cancelReread = this.#deps.after(REREAD_AFTER_MS, () => {
      this.#cancelReread = null
      this.catchUp().catch(() => {}) // then it is scheduled once more
    })
  }

  #appendControl(actor: 'teacher' | 'system', action: ControlAction | WireAction): Promise<Entry | null> {
    const actionId = this.#round.controlIdOf(action)
    return this.#judgeAndAppend({ actor, actionId, action, seen: null, connectionId: null })
  }

  /** Judges and appends until a row stands, and returns it; the first one of this actor and id, where there is one. Null: nothing to write. */
  async #judgeAndAppend({ connectionId, index, ...act }: AppendRequest): Promise<Entry | null> {
    const round = this.#round
    for (;;) {
      const first = round.findEntry(act.actor, act.actionId)
      if (first) return first
      const known = round.entries.length
      if (index !== undefined && index !== known) return null

      const startMs = performance.now()
      const proposal = round.propose({ ...act, at: this.#deps.now().toISOString() })
      const judgedMs = performance.now()
      // A seat gets an answer, and a row, whatever it has tried.
      if (!proposal || (act.seen === null && proposal.entry.verdict.outcome !== 'accepted')) return null
      this.#deps.metrics?.observeJudging((judgedMs - startMs) / 1000)
      const { entry, after } = proposal
      await this.#loadTexts(after.script)

      this.#mayBeStale = true // until it is known what became of it
      this.#unclearUntil = this.#deps.now().getTime() + MAX_WRITE_MS
      if ((await this.#deps.log.append(entry)) === 'written') {
        this.#deps.metrics?.observeLog((performance.now() - judgedMs) / 1000)
        this.#mayBeStale = false
        this.#publish(entry, round.accept(proposal), 'local', connectionId)
        this.#unclearUntil = 0
        this.#scheduleNextAction()
        return entry
      }
      this.#unclearUntil = 0
      await this.#readTail()
      if (round.entries.length === known)
        throw new Error(`round ${this.#id}: entry ${known} is taken, and the log does not show by what`)
    }
  }

  async #readTail(): Promise<void> {
    this.#mayBeStale = true
    const rows = await this.#deps.log.read(this.#id, this.#round.entries.length)
    for (const row of rows) {
      await this.#loadTexts(scriptOf(row.action))
      const views = this.#round.add(row)
      if (this.#loaded) this.#publish(row, views, 'recovered')
    }
    this.#mayBeStale = false
    if (!this.#loaded || rows.length > 0) this.#scheduleNextAction()
    this.#loaded = true
  }

  /** Has the texts ready before the first entry is folded. */
  async #loadTexts(script: Script | null): Promise<void> {
    if (script && !this.#texts) this.#texts = (await this.#deps.texts?.(script)) ?? NO_TEXTS
  }

  /** Tells of the entry folded last. */
  #publish(entry: Entry, views: EntryUpdates, source: RoundEvent['source'], connectionId: string | null = null): void {
    const { world, entries } = this.#round
    if (world) this.#deps.publish({ entry, world, entries, views, source, connectionId })
  }

  /** Sets the timer for what the round does next by itself, where there is something, after `minDelayMs` at the earliest. */
  #scheduleNextAction(minDelayMs = 0): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const now = this.#deps.now().getTime()
    const known = this.#dueTimes
    const actions = listAutomaticActions(this.#round, now, this.#deps.idleAfterMs)
    this.#dueTimes = new Map(actions.map(({ purpose, delayMs }) => [purpose, known.get(purpose) ?? now + delayMs]))
    const dueAt = ({ purpose }: AutomaticAction) => this.#dueTimes.get(purpose) ?? now
    const [next] = actions.toSorted((a, b) => dueAt(a) - dueAt(b))
    if (!next) return
    const index = this.#round.entries.length
    this.#cancelTimer = this.#deps.after(Math.max(minDelayMs, dueAt(next) - now), () => {
      this.#cancelTimer = null
      this.#runAutomaticAction(next, index).catch(() => this.#scheduleNextAction(REREAD_AFTER_MS))
    })
  }

  #runAutomaticAction({ delayMs: _delayMs, purpose: _purpose, ...act }: AutomaticAction, index: number): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#mayBeStale) await this.#readTail()
      await this.#judgeAndAppend({ ...act, connectionId: null, index })
    })
  }
}

const scriptOf = (action: Action): Script | null => ('script' in action ? action.script : null)

interface AppendRequest extends Omit<Act, 'at'> {
  readonly connectionId: string | null
  /** It is meant for this place in the log and for no other. */
  readonly index?: number
}
