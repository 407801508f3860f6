/**
 * One round on this node: it accepts acts, writes them to the log, and publishes them.
 *
 * Acts are judged one after another against the current world (see `Round`). Every answer to a seat is stored as a row, so that
 * it can be repeated. An entry is written before it is published, and at most one entry is unwritten at a time. Any node may
 * write: if the log already has a row at the index, the round reads and folds the new rows and judges the action again.
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

/** A seat's action as received. `connectionId`: the connection that sent it and whose reply carries the view. */
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
  /** The view of the entry that each seat receives. */
  readonly views: EntryUpdates
  /**
   * `local`: written by this node. `remote`: received from the node that wrote it. `recovered`: found in the log; its writer may
   * have crashed before announcing it.
   */
  readonly source: 'local' | 'remote' | 'recovered'
  readonly connectionId: string | null
}

/** What a live round depends on. */
export interface LiveRoundDeps {
  readonly log: RoundLog
  readonly now: () => Date
  readonly after: After
  readonly tls: TlsTools
  /** Must not throw. */
  readonly publish: (event: RoundEvent) => void
  /** Loads the texts that a round's log does not contain. If absent, the round has no such texts. */
  readonly texts?: ((script: Script) => Promise<HintTexts>) | undefined
  /**
   * Real ms of inactivity after which a wait is requested for a seat that alone holds up the clock, and a segment that the
   * network seat has stopped on the wire is let pass.
   */
  readonly idleAfterMs: number
  /** Other nodes may write without this node being notified, so the log is read before each query is answered. */
  readonly alwaysRefresh?: boolean
  readonly metrics?: Pick<Metrics, 'observeJudging' | 'observeLog'> | undefined
}

/** Real ms after which the log is read again, if it could not be read or the result of a write is unknown. */
const REREAD_AFTER_MS = 2_000
/** Real ms for which a row may still appear after its write has failed: a slow database may have accepted it. */
const MAX_WRITE_MS = 10_000

const NO_TEXTS: HintTexts = { hint: () => undefined, why: () => undefined, question: () => undefined }

/** A round on this node. Its methods run one after another, in the order in which they are called. */
export class LiveRound {
  readonly #id: string
  readonly #deps: LiveRoundDeps
  readonly #round: Round
  /** Null until the script is known. */
  #texts: HintTexts | null = null
  /** The log has been read once. Rows that are found from now on are new and must be published. */
  #loaded = false
  /** The log may contain rows that have not been folded. */
  #mayBeStale = true
  #queue: Promise<unknown> = Promise.resolve()
  #queuedJobs = 0
  /** A catch-up is queued and has not started. */
  #willCatchUp = false
  #cancelTimer: (() => void) | null = null
  /** The due times of automatic actions, by purpose, in real ms since 1970. */
  #dueTimes: ReadonlyMap<string, number> = new Map()
  #cancelReread: (() => void) | null = null
  /** Real ms since 1970. Until this time, a row whose write has failed may still appear in the log. */
  #unclearUntil = 0

  constructor(id: string, deps: LiveRoundDeps) {
    this.#id = id
    this.#deps = deps
    this.#round = new Round({ id, tls: deps.tls, texts: () => this.#texts ?? NO_TEXTS })
  }

  get isOver(): boolean {
    return Boolean(this.#round.world?.over)
  }

  /** No work is pending and no timer is set. */
  get isIdle(): boolean {
    return this.#queuedJobs === 0 && this.#cancelTimer === null && this.#cancelReread === null
  }

  /**
   * Performs a seat's action and resolves to every view of that seat after `seen`, including the one of this action. Repeating an
   * id with the same body changes nothing and returns the first answer again. Throws `ApiError`, or what the log throws.
   */
  act<S extends SeatOrNetwork>(seat: S, { id, seen, action: sent, connectionId }: SeatRequest<S>): Promise<readonly UpdateOf<S>[]> {
    return this.#enqueue(async () => {
      const round = this.#round
      if (this.#mayBeStale || seen > round.viewCountOf(seat)) await this.#readTail()
      const script = round.world?.script
      if (!script) throw new ApiError('not-found', 'There is no such round.')
      const action = seat === 'network' || sent.kind === 'wire' ? sent : readShownAction(script, seat, sent)
      const given = round.viewCountOf(seat)
      if (seen > given) throw new ApiError('malformed', `seen is ${seen}, but this seat has been given ${given} views.`)
      if (!round.findEntry(seat, id)) this.#requireOpenRound()
      if (seat !== 'network') await this.#returnSeatToPlayer(seat)
      const entry = await this.#judgeAndAppend({ actor: seat, actionId: id, action, seen, connectionId: connectionId ?? null })
      if (entry && !isDeepStrictEqual(entry.action, action)) {
        throw new ApiError('id-reused', 'Another action of this seat has that id.')
      }
      return round.updatesAfter(seat, seen).map((view) => withoutEcho(view, { id, action: sent }))
    })
  }

  /**
   * Throws if the round accepts no further acts: with `round-over` after its end, with `round-full` at `MAX_ROUND_ENTRIES`, which
   * is more than anybody could play.
   */
  #requireOpenRound(): void {
    const { world, entries } = this.#round
    if (world?.over) throw new ApiError('round-over', 'The round was over before this came.')
    if (entries.length >= MAX_ROUND_ENTRIES) throw new ApiError('round-full', `A round has at most ${MAX_ROUND_ENTRIES} entries.`)
  }

  /** Returns a seat from the built-in partner to the player who acts: the node may not have noticed their connection yet. */
  async #returnSeatToPlayer(seat: Seat): Promise<void> {
    const isTaken = () => this.#round.world?.seats[seat].player === 'partner'
    if (isTaken()) await this.#appendControl('system', { kind: 'control', control: 'return', seat })
    if (isTaken()) throw new ApiError('conflict', 'The built-in partner plays this seat.')
  }

  /** Appends an action of the teacher or the system. An action that no longer applies, or that has been done, changes nothing. */
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
    return this.#read(() => this.#round.updatesAfter(seat, from))
  }

  readEntries(): Promise<readonly Entry[]> {
    return this.#read(() => [...this.#round.entries])
  }

  readWorld(): Promise<World | null> {
    return this.#read(() => this.#round.world)
  }

  /** Processes an entry that another node has written. */
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

  /** Folds and publishes entries that other nodes may have written without this node being notified. */
  async catchUp(): Promise<void> {
    if (this.#willCatchUp) return
    this.#willCatchUp = true
    await this.#enqueue(() => {
      this.#willCatchUp = false
      return this.#readTail()
    })
  }

  /** Resolves when everything requested so far is done. */
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

  /**
   * If the last job has left the log unread, schedules another read, because there may be no further request that would cause it.
   */
  #scheduleReread(): void {
    const isUnclear = this.#mayBeStale || this.#deps.now().getTime() < this.#unclearUntil
    if (!isUnclear || this.#cancelReread) return
    this.#cancelReread = this.#deps.after(REREAD_AFTER_MS, () => {
      this.#cancelReread = null
      this.catchUp().catch(() => {}) // after a failure it is scheduled again
    })
  }

  #appendControl(actor: 'teacher' | 'system', action: ControlAction | WireAction): Promise<Entry | null> {
    const actionId = this.#round.controlIdOf(action)
    return this.#judgeAndAppend({ actor, actionId, action, seen: null, connectionId: null })
  }

  /**
   * Judges and appends the act, again if another node has written first, and returns its entry. If an entry of this actor and id
   * exists already, returns that one. Null if there is nothing to write.
   */
  async #judgeAndAppend({ actor, actionId, action, seen, connectionId, index }: AppendRequest): Promise<Entry | null> {
    const round = this.#round
    for (;;) {
      const first = round.findEntry(actor, actionId)
      if (first) return first
      const known = round.entries.length
      if (index !== undefined && index !== known) return null

      const startMs = performance.now()
      const proposal = round.propose({ actor, actionId, action, seen, at: this.#deps.now().toISOString() })
      const judgedMs = performance.now()
      // Every action of a seat gets an answer and a row, even if it is refused.
      if (!proposal || (seen === null && proposal.entry.verdict.outcome !== 'accepted')) return null
      this.#deps.metrics?.observeJudging((judgedMs - startMs) / 1000)
      const { entry, after } = proposal
      await this.#loadTexts(after.script)

      this.#mayBeStale = true // until the result of the write is known
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

  /** Loads the texts before the first entry is folded. */
  async #loadTexts(script: Script | null): Promise<void> {
    if (script && !this.#texts) this.#texts = (await this.#deps.texts?.(script)) ?? NO_TEXTS
  }

  /** Publishes the entry that was folded last. */
  #publish(entry: Entry, views: EntryUpdates, source: RoundEvent['source'], connectionId: string | null = null): void {
    const { world, entries } = this.#round
    if (world) this.#deps.publish({ entry, world, entries, views, source, connectionId })
  }

  /** Sets the timer for the next automatic action, if there is one, after at least `minDelayMs`. */
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
  /** If given, the act is appended only at this index of the log. */
  readonly index?: number
}
