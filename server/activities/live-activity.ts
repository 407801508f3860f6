/**
 * One class activity on this node: it judges acts, writes them to the log, then makes them known. Acts that come while others are being
 * written are judged and written together. Any node may write: where another one has taken a place in the log, the log is folded anew and the
 * acts are judged again.
 */
import { isDeepStrictEqual } from 'node:util'
import { createActivity, type ClassAction, type ClassActivity, type ClassEntry } from '../../protocol/class/kinds.ts'
import type { TlsTools } from '../../protocol/round/rules/tls-end.ts'
import { ApiError } from '../base/api-error.ts'
import type { ActivityStore, CurrentActivity } from './activity-store.ts'

/** An act as received. */
export interface ActivityRequest {
  readonly actor: string
  readonly id: string
  readonly action: ClassAction
}

export interface LiveActivityDeps {
  readonly store: Pick<ActivityStore, 'append' | 'read'>
  readonly tls: TlsTools
  readonly now: () => Date
  /** Other nodes may write without this node being told, so that the log is read before each answer. */
  readonly alwaysRefresh: boolean
  /** Called after entries have been stored and folded. `by`: whether this node has written them. Must not throw. */
  readonly onChange: (by: 'this-node' | 'another') => void
}

/** Maximum number of entries of an activity: many times what a lesson takes. */
const MAX_ACTIVITY_ENTRIES = 20_000
/** Maximum number of entries of one statement. */
const MAX_BATCH_ENTRIES = 100
/** How often an act is judged anew because other nodes were faster. */
const MAX_ATTEMPTS = 50

interface QueuedAct {
  readonly request: ActivityRequest
  readonly resolve: (entry: ClassEntry) => void
  readonly reject: (error: unknown) => void
}

export class LiveActivity {
  readonly current: CurrentActivity
  readonly #deps: LiveActivityDeps
  /** Holds nothing but what is stored, except while a batch is being written. */
  #activity: ClassActivity
  /** The log may hold entries that have not been folded, or the activity some that are not stored. */
  #mustRefold = true
  #jobs: Promise<unknown> = Promise.resolve()
  #queue: QueuedAct[] = []

  constructor(current: CurrentActivity, deps: LiveActivityDeps) {
    this.current = current
    this.#deps = deps
    this.#activity = this.#createEmpty()
  }

  /**
   * Performs an act and resolves to its entry; a barred act has one that is not stored. Repeating an id changes nothing and gives the first
   * entry again. Rejects with `round-full`, `id-reused`, or what the store rejects with.
   */
  act(request: ActivityRequest): Promise<ClassEntry> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject })
      void this.#enqueue(() => this.#performQueued())
    })
  }

  /** Calls `take` with the activity as it is stored; with what this node knows of it if `rereads` is false. */
  read<T>(take: (activity: ClassActivity) => T, rereads = this.#deps.alwaysRefresh): Promise<T> {
    return this.#enqueue(async () => {
      await this.#refresh(rereads)
      return take(this.#activity)
    })
  }

  /** Folds what other nodes have written. */
  async catchUp(): Promise<void> {
    await this.#enqueue(() => this.#refresh(true))
  }

  #enqueue<T>(job: () => Promise<T>): Promise<T> {
    const run = this.#jobs.then(job)
    this.#jobs = run.catch(() => {})
    return run
  }

  #createEmpty(): ClassActivity {
    return createActivity(this.current.setup, this.#deps.tls)
  }

  async #refresh(rereads: boolean): Promise<void> {
    const isAnew = this.#mustRefold
    if (!isAnew && !rereads) return
    const activity = isAnew ? this.#createEmpty() : this.#activity
    const entries = await this.#deps.store.read(this.current.id, activity.length)
    for (const entry of entries) activity.add(entry)
    this.#activity = activity
    this.#mustRefold = false
    if (entries.length > 0) this.#deps.onChange('another')
  }

  async #performQueued(): Promise<void> {
    const batch = this.#queue.splice(0, MAX_BATCH_ENTRIES)
    if (batch.length === 0) return
    try {
      await this.#perform(batch)
    } catch (error) {
      this.#mustRefold = true
      for (const { reject } of batch) reject(error)
    }
  }

  async #perform(batch: readonly QueuedAct[]): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      await this.#refresh(false)
      const made: ClassEntry[] = []
      const answers = batch.map(({ request }) => this.#judge(request, made))
      if (made.length > 0 && (await this.#deps.store.append(this.current.id, made)) === 'taken') {
        this.#mustRefold = true
        continue
      }
      if (made.length > 0) this.#deps.onChange('this-node')
      batch.forEach(({ resolve, reject }, i) => {
        const answer = answers[i]!
        if (answer instanceof ApiError) reject(answer)
        else resolve(answer)
      })
      return
    }
    throw new Error(`activity ${this.current.id}: its log is taken again and again`)
  }

  /** The entry of an act. One that is new, and not barred, is added to the activity and to `made`. */
  #judge({ actor, id, action }: ActivityRequest, made: ClassEntry[]): ClassEntry | ApiError {
    const known = this.#activity.findEntry(actor, id)
    if (known) {
      if (isDeepStrictEqual(known.action, action)) return known
      return new ApiError('id-reused', 'Another act of this participant has that id.')
    }
    if (this.#activity.length >= MAX_ACTIVITY_ENTRIES)
      return new ApiError('round-full', `A class activity has at most ${MAX_ACTIVITY_ENTRIES} entries.`)
    const entry = this.#activity.propose({ actor, actionId: id, action, at: this.#deps.now().toISOString() })
    if (entry.verdict.outcome !== 'barred') {
      this.#activity.add(entry)
      made.push(entry)
    }
    return entry
  }
}
