/** A lesson on a server process. Students and the teacher behave like their browsers and reconnect by themselves. */
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { io, type Socket } from 'socket.io-client'
import { onTestFinished } from 'vitest'
import type { Act, SocketAuth, SocketClaim, ClientToServer, ServerToClient } from '../../contract/events.ts'
import { WIRE_VERSION } from '../../contract/wire-version.ts'
import type { Board, Failure, SessionInfo, Joined } from '../../contract/answers.ts'
import type { ErrorCode } from '../../contract/errors.ts'
import type { Place } from '../../contract/places.ts'
import { mergeView, type ViewUpdate } from '../../protocol/round/view/view-update.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import { numbers } from './random.ts'
import { planRound, type PlannedRound, type Step } from './planned-round.ts'

type Body<E extends keyof ClientToServer> = Parameters<ClientToServer[E]>[0]
type Answer<E extends keyof ClientToServer> = Parameters<Parameters<ClientToServer[E]>[1]>[0]
type Done<E extends keyof ClientToServer> = Exclude<Answer<E>, Failure>

/** Wakes the callers of `until` so that they check their conditions again. */
export class Signal {
  #waiting: (() => void)[] = []

  tell(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const look of waiting) look()
  }

  async until<T>(look: () => T | null | undefined | false): Promise<T> {
    for (;;) {
      const found = look()
      if (found !== null && found !== undefined && found !== false) return found
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }
}

/** How sockets are connected. */
type Transport = 'websocket' | 'polling'

/** A browser: cookies, requests, and one socket. */
class Visitor {
  readonly #port: number
  readonly #cookies = new Map<string, string>()

  readonly #changed: Signal

  readonly #transport: Transport

  constructor(port: number, changed: Signal, transport: Transport) {
    this.#port = port
    this.#changed = changed
    this.#transport = transport
  }

  /** GETs the path from the server at that port, with these cookies. Throws if the status is not 2xx. */
  async read(path: string, port: number): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie: this.#cookieHeader } })
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`)
    return answer.text()
  }

  async ask<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    const answer = await fetch(`http://127.0.0.1:${this.#port}${path}`, {
      method,
      headers: { cookie: this.#cookieHeader, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      this.#cookies.set(name, value)
    }
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }

  /** Opens a socket, which is disconnected when the test ends. */
  connect(auth: SocketClaim, port = this.#port): Connection {
    return new Connection(`http://127.0.0.1:${port}`, this.#cookieHeader, auth, this.#changed, this.#transport)
  }

  get #cookieHeader(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }
}

/** Real ms between two attempts, as in the client. */
const RETRY_AFTER = 100

/** A socket that reconnects after any disconnection and repeats a request until it is answered. */
export class Connection {
  readonly socket: Socket<ServerToClient, ClientToServer>
  /** The error codes that made it repeat a request, in order. */
  readonly failures: ErrorCode[] = []
  readonly changed: Signal

  constructor(url: string, cookie: string, auth: SocketClaim, changed: Signal, transport: Transport = 'websocket') {
    this.changed = changed
    this.socket = io(url, {
      auth: { ...auth, wire: WIRE_VERSION } satisfies SocketAuth,
      transports: [transport],
      forceNew: true,
      reconnectionDelay: 20,
      reconnectionDelayMax: 200,
      extraHeaders: { cookie },
    })
    this.socket.on('disconnect', (reason) => {
      if (reason === 'io server disconnect') this.socket.connect()
    })
    onTestFinished(() => void this.socket.disconnect())
  }

  /**
   * Sends a request, and repeats it while no answer comes or the server answers `unavailable` or `too-many`. Throws on other
   * errors.
   */
  async ask<E extends keyof ClientToServer>(event: E, body: Body<E>): Promise<Done<E>> {
    for (;;) {
      const answer = await this.once(event, body)
      if (answer?.ok) return answer as Done<E>
      if (!answer) continue
      this.failures.push(answer.error)
      this.changed.tell()
      if (answer.error === 'unavailable') await delay(RETRY_AFTER)
      else if (answer.error === 'too-many') await delay((answer.retryAfter ?? 1) * 1000)
      else throw new Error(`${event}: ${answer.error} ${answer.detail}`)
    }
  }

  /** Sends a request once. Resolves with null if the connection broke before the answer. */
  once<E extends keyof ClientToServer>(event: E, body: Body<E>): Promise<Answer<E> | null> {
    // Socket.IO's types cannot follow an event name that is itself a parameter.
    const sender = this.socket as unknown as { emitWithAck(event: E, body: Body<E>): Promise<Answer<E>> }
    return sender.emitWithAck(event, body).catch(() => null)
  }
}

/** A student's seat and views in a round. */
export interface Held {
  readonly seat: Seat
  readonly views: PlayerView[]
}

/** A student's page. It keeps all views of a round, and throws if it receives a view again that differs from the first one. */
export class Student {
  readonly name: string
  readonly id: string
  readonly connection: Connection
  readonly #browser: Visitor
  readonly rounds = new Map<string, Held>()
  /** Every act that was answered. */
  readonly answered: Act[] = []
  place: Place | null = null

  constructor(id: string, name: string, browser: Visitor, port: number) {
    const connection = browser.connect({ participant: id }, port)
    this.id = id
    this.name = name
    this.connection = connection
    this.#browser = browser
    connection.socket
      .on('place', (place) => {
        this.place = place
        const { round } = place
        if (round && !this.rounds.has(round.id)) this.rounds.set(round.id, { seat: round.seat, views: [] })
        // A round that has ended meanwhile is still displayed, so its last views are requested, too.
        for (const [id, { views }] of this.rounds) if (!views.at(-1)?.now.over) void this.#resume(id)
        connection.changed.tell()
      })
      .on('view', ({ round, view }) => this.#take(round, [view]))
  }

  /** Opens another window of the same student. */
  windowAt(port: number): Connection {
    return this.#browser.connect({ participant: this.id }, port)
  }

  /** Performs an act exactly once, however often the request has to be repeated. */
  async act(act: Act): Promise<readonly ViewUpdate<PlayerView>[]> {
    const { views } = await this.connection.ask('act', act)
    this.answered.push(act)
    this.#take(act.round, views, act)
    return views
  }

  async #resume(round: string): Promise<void> {
    const { views } = await this.connection.ask('resume', { round, from: this.rounds.get(round)?.views.length ?? 0 })
    this.#take(round, views)
  }

  #take(round: string, updates: readonly ViewUpdate<PlayerView>[], asked?: Act): void {
    const held = this.rounds.get(round)?.views
    if (!held) return
    for (const update of updates) {
      if (update.n > held.length + 1) return void this.#resume(round)
      const view = mergeView(held[update.n - 2], update, asked)
      if (update.n === held.length + 1) held.push(view)
      else if (!isDeepStrictEqual(held[update.n - 1], view)) throw new Error(`${this.name}: view ${update.n} has become another`)
    }
    this.connection.changed.tell()
  }
}

/** A round that has been played. */
export interface Played {
  readonly round: string
  readonly plan: PlannedRound
  readonly by: { readonly [S in Seat]: Student }
}

export type Pair = readonly [Student, Student]

export interface LessonOptions {
  /** The port that browsers use. */
  readonly port: number
  readonly link: string
  readonly pairs: number
  readonly playlist: readonly string[]
  /** Each pair plays two legs. */
  readonly swap?: boolean
  /** The ports that the first and the second student of each pair connect to. Default: `port` for both. */
  readonly seats?: readonly [number, number]
  /** Default: `websocket`. */
  readonly transport?: Transport
}

/** A session, its pairs, and the rounds that they have played. */
export class Lesson {
  readonly session: SessionInfo
  readonly pairs: readonly Pair[]
  readonly teacher: Connection
  /** Signals every change to any participant. */
  readonly changed: Signal
  readonly played: Played[] = []
  /** How many times an act has been sent or answered. */
  moments = 0
  readonly #visitor: Visitor

  private constructor(session: SessionInfo, pairs: readonly Pair[], visitor: Visitor, changed: Signal) {
    this.session = session
    this.pairs = pairs
    this.changed = changed
    this.teacher = visitor.connect({ teacher: true })
    this.#visitor = visitor
  }

  /** Opens a session. Resolves once everybody is connected, paired, and waiting for the first exercise. */
  static async open(options: LessonOptions): Promise<Lesson> {
    const { port, link, pairs: count, playlist, swap = true, seats = [port, port], transport = 'websocket' } = options
    const changed = new Signal()
    const visitor = new Visitor(port, changed, transport)
    await visitor.ask('POST', '/api/teacher/link', { token: link })
    const session = await visitor.ask<SessionInfo>('POST', '/api/sessions', { title: 'Faults', level: 'guided', playlist, swap })
    const student = async (name: string, at: number) => {
      const browser = new Visitor(port, changed, transport)
      const { participant } = await browser.ask<Joined>('POST', '/api/join', { code: session.code, name })
      return new Student(participant.id, name, browser, at)
    }
    const pairs: Pair[] = []
    for (let i = 1; i <= count; i++) {
      const pair: Pair = [await student(`First ${i}`, seats[0]), await student(`Second ${i}`, seats[1])]
      await visitor.ask('POST', `/api/sessions/${session.id}/pairs`, { members: pair.map(({ id }) => id) })
      pairs.push(pair)
    }
    await changed.until(() => pairs.flat().every(({ place }) => place?.waiting === 'for-start'))
    return new Lesson(session, pairs, visitor, changed)
  }

  get students(): readonly Student[] {
    return this.pairs.flat()
  }

  /** Opens an exercise. Rejects if the server goes away meanwhile. */
  move(position: number): Promise<Board> {
    return this.#visitor.ask('POST', `/api/sessions/${this.session.id}/position`, { position })
  }

  /** Reads the CSV of the session's scores from the server at that port. */
  readScores(port: number): Promise<string> {
    return this.#visitor.read(`/api/sessions/${this.session.id}/scores.csv`, port)
  }

  /** Opens another window of the teacher. */
  teacherAt(port: number): Connection {
    return this.#visitor.connect({ teacher: true }, port)
  }

  /**
   * Resolves with a pair's next round once both students have a view of it. A server that is killed between creating a round and
   * writing its first entry leaves it empty for a while.
   */
  next([one, other]: Pair): Promise<string> {
    return this.changed.until(() => {
      const id = one.place?.round?.id
      if (id === undefined || this.played.some(({ round }) => round === id)) return false
      return [one, other].every(({ place, rounds }) => place?.round?.id === id && rounds.get(id)?.views.length) && id
    })
  }

  /** Rehearses a round in an order that `random` determines. */
  async plan(round: string, random: () => number): Promise<PlannedRound> {
    const { entries } = await this.teacher.ask('follow', { round, from: 0 })
    await this.teacher.ask('unfollow', { round })
    const start = entries[0]?.action
    if (start?.kind !== 'control' || start.control !== 'start') throw new Error('the round has not begun')
    return planRound(start.script, random)
  }

  /** Plays a pair's next round to its end, each step as soon as the one before it is answered. */
  async play(pair: Pair, random: () => number): Promise<void> {
    const round = await this.next(pair)
    const plan = await this.plan(round, random)
    const by = seatsOf(pair, round)
    for (const step of plan.steps) await this.perform(round, by[step.seat], step)
    await this.changed.until(() => SEATS.every((seat) => by[seat].rounds.get(round)?.views.length === plan.views[seat].length))
    this.played.push({ round, plan, by })
  }

  /** Performs a step once the student has as many views as before that step in the plan. */
  async perform(round: string, student: Student, { id, seen, action }: Step): Promise<void> {
    await this.changed.until(() => (student.rounds.get(round)?.views.length ?? 0) >= seen)
    this.#moment()
    await student.act({ round, id, seen, action })
    this.#moment()
  }

  /** Opens an exercise of two legs and plays it to its end, all pairs at once. */
  async playAll(position: number, seed: number): Promise<void> {
    await this.move(position)
    await this.playLegs(seed)
  }

  async playLegs(seed: number): Promise<void> {
    await Promise.all(
      this.pairs.map(async (pair, i) => {
        const random = numbers(seed + i)
        await this.play(pair, random)
        await this.play(pair, random)
      }),
    )
  }

  #moment(): void {
    this.moments++
    this.changed.tell()
  }
}

/** The students of a pair by their seats in a round. */
export function seatsOf([one, other]: Pair, round: string): { readonly [S in Seat]: Student } {
  return one.rounds.get(round)?.seat === 'client' ? { client: one, server: other } : { client: other, server: one }
}
