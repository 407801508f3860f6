/** The page's feed of views and acts on a connection that breaks, for the player of a host and for the network seat. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SeatAction, WireAction } from '../../protocol/round/model/action.ts'
import type { Failure } from '../../contract/answers.ts'
import { RETRY_AFTER_MS, type Socket } from '../../client/src/lib/socket.ts'
import type { PageStorage } from '../../client/src/lib/storage.ts'
import type { View } from '../../protocol/round/view/view-update.ts'
import type { PendingAct } from '../../client/src/lib/view-feed.ts'
import { RoundConnection } from '../../client/src/student/round-connection.svelte.ts'
import { WireConnection } from '../../client/src/wire/wire-connection.svelte.ts'

type Body = { readonly round: string; readonly from: number } & PendingAct
type Answer = { readonly ok: true; readonly views: readonly View[]; readonly more?: true } | Failure

const UNAVAILABLE: Failure = { ok: false, error: 'unavailable' }
const MALFORMED: Failure = { ok: false, error: 'malformed' }
const ROUND_OVER: Failure = { ok: false, error: 'round-over' }

/**
 * A round on a server, for one player. As on the real server, an act that is sent again with the same id is performed only once.
 */
class Round {
  readonly views: View[] = [{ n: 1, event: {}, now: { clock: 0 } }]
  /** The ids of the received acts, including repetitions. */
  readonly received: string[] = []
  /** The fault of each request: it is lost, its answer is lost, or the server refuses it for now or permanently. */
  fault: 'request' | 'answer' | 'unavailable' | 'malformed' | null = null
  /** Maximum number of views in an answer. */
  pageSize = Infinity
  requests = 0
  /** Whether it takes no further acts. */
  over = false

  happen(event: View['event'] = {}): View {
    const view = { n: this.views.length + 1, event, now: { clock: 0 } }
    this.views.push(view)
    return view
  }

  /** Answers a request; null if no answer arrives. */
  answer(event: string, body: Body): Answer | null {
    this.requests++
    const { fault } = this
    if (fault === 'request') return null
    if (fault === 'unavailable') return UNAVAILABLE
    if (fault === 'malformed' && !event.startsWith('resume')) {
      this.received.push(body.id)
      return MALFORMED
    }
    if (event.startsWith('resume')) return this.#page(body.from)
    const { id } = body
    if (this.over && !this.received.includes(id)) return ROUND_OVER
    if (!this.received.includes(id)) this.happen({ act: { id, action: body.action } })
    this.received.push(id)
    return fault === 'answer' ? null : this.#page(body.seen)
  }

  #page(from: number): Answer {
    const end = from + this.pageSize
    return { ok: true, views: this.views.slice(from, end), ...(end < this.views.length ? { more: true } : {}) }
  }
}

/** The part of Socket.IO's socket that the pages use. */
class TestSocket {
  connected = false
  readonly #round: Round
  readonly #listeners = new Map<string, ((body?: unknown) => void)[]>()
  #cut: (() => void)[] = []

  constructor(round: Round) {
    this.#round = round
  }

  on(event: string, listener: (body?: unknown) => void): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
    return this
  }

  off(event: string, listener: (body?: unknown) => void): this {
    this.#listeners.set(event, this.#listeners.get(event)?.filter((each) => each !== listener) ?? [])
    return this
  }

  timeout() {
    const emitWithAck = (event: string, body: Body): Promise<Answer> =>
      new Promise((resolve, reject) => {
        const answer = this.#round.answer(event, body)
        if (answer) resolve(answer)
        else this.#cut.push(() => reject(new Error('the connection is cut')))
      })
    return { emitWithAck }
  }

  tell(event: string, body?: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(body)
  }

  connect(place: object): void {
    this.connected = true
    this.tell('connect')
    this.tell('place', place)
  }

  disconnect(): void {
    this.connected = false
    for (const reject of this.#cut.splice(0)) reject()
    this.tell('disconnect', 'transport close')
  }
}

const SEND: SeatAction = { kind: 'claim', event: 1, state: 'SYN-RECEIVED' }
const PASS: WireAction = { kind: 'wire', wire: 'pass', segment: 1 }

const PLAYERS = [
  {
    player: 'a host',
    told: 'view',
    place: { round: { id: 'one' }, wire: null },
    connect: (socket: Socket, tab: PageStorage) => {
      const page = new RoundConnection(socket, tab)
      return { read: () => page.state, act: () => page.act(SEND), close: () => page.close() }
    },
  },
  {
    player: 'the network',
    told: 'wire',
    place: { round: null, wire: { id: 'one' } },
    connect: (socket: Socket, tab: PageStorage) => {
      const page = new WireConnection(socket, tab, 'one')
      return { read: () => page.state, act: () => page.act(PASS), close: () => page.close() }
    },
  },
]

/** Lets all pending answers arrive. */
const settle = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Creates a tab's storage, which survives a reload. */
const createTab = (): PageStorage => {
  const stored = new Map<string, string>()
  return {
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => void stored.set(key, value),
    removeItem: (key) => void stored.delete(key),
  }
}

describe.each(PLAYERS)('the page of whoever plays $player', ({ told, place, connect }) => {
  const open = async (round: Round, tab = createTab()) => {
    const socket = new TestSocket(round)
    const page = connect(socket as unknown as Socket, tab)
    socket.connect(place)
    await settle()
    return { socket, page, numbers: () => page.read().views.map(({ n }) => n) }
  }

  it('asks for what is missing where a view leaves a gap', async () => {
    const round = new Round()
    const { socket, numbers } = await open(round)
    round.happen()
    socket.tell(told, { round: 'one', view: round.happen() })
    expect(numbers()).toEqual([1])
    await settle()
    expect(numbers()).toEqual([1, 2, 3])
  })

  it('asks for the next page as long as there is one, once each', async () => {
    const round = new Round()
    for (let i = 1; i < 10; i++) round.happen()
    round.pageSize = 4
    const { socket, numbers } = await open(round)
    expect(numbers()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(round.requests).toBe(3)

    // What the server sends meanwhile is neither lost nor a reason to ask twice.
    socket.disconnect()
    for (let i = 0; i < 6; i++) round.happen()
    socket.connect(place)
    socket.tell(told, { round: 'one', view: round.happen() })
    socket.tell(told, { round: 'one', view: round.happen() })
    await settle()
    expect(numbers()).toHaveLength(18)
    expect(round.requests).toBe(5)
  })

  it('takes the answer to an act from the page on which it is', async () => {
    const round = new Round()
    const { page, numbers } = await open(round)
    round.pageSize = 2
    for (let i = 0; i < 5; i++) round.happen() // of which the page has not heard yet
    page.act()
    await settle()
    expect(numbers()).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(page.read()).toMatchObject({ pending: null, failure: null })
    expect(round.received).toHaveLength(1)
  })

  it('resumes after a cut from the last view that it holds', async () => {
    const round = new Round()
    const { socket, numbers } = await open(round)
    socket.disconnect()
    round.happen()
    socket.connect(place)
    await settle()
    expect(numbers()).toEqual([1, 2])
  })

  it.each(['request', 'answer'] as const)('sends an act again with its id where a cut has taken the %s', async (lost) => {
    const round = new Round()
    const { socket, page, numbers } = await open(round)
    round.fault = lost
    page.act()
    await settle()
    const { pending } = page.read()
    expect(pending).toMatchObject({ round: 'one', seen: 1 })
    socket.disconnect()
    await settle()
    expect(page.read()).toMatchObject({ pending, failure: null })

    round.fault = null
    socket.connect(place)
    await settle()
    expect(round.received).toContain(pending?.id)
    expect(round.views).toEqual([
      { n: 1, event: {}, now: { clock: 0 } },
      { n: 2, event: { act: { id: pending?.id, action: pending?.action } }, now: { clock: 0 } },
    ])
    expect(page.read()).toMatchObject({ pending: null, failure: null })
    expect(numbers()).toEqual([1, 2])
  })

  it('sends an act again after a reload', async () => {
    const [round, tab] = [new Round(), createTab()]
    const before = await open(round, tab)
    round.fault = 'request'
    before.page.act()
    await settle()
    const { pending } = before.page.read()
    before.page.close()

    round.fault = null
    const after = await open(round, tab)
    expect(round.received).toEqual([pending?.id])
    expect(after.page.read().pending).toBeNull()
    after.page.close()

    await open(round, tab)
    expect(round.received).toEqual([pending?.id])
  })

  it('asks again after a while where the server cannot answer now', async () => {
    const round = new Round()
    const { page } = await open(round)
    round.fault = 'unavailable'
    page.act()
    await settle()
    expect(page.read()).toMatchObject({ failure: null, pending: { round: 'one' } })
    round.fault = null
    await vi.advanceTimersByTimeAsync(RETRY_AFTER_MS)
    expect(round.received).toHaveLength(1)
    expect(page.read().pending).toBeNull()
  })

  it('gives up what is malformed: it is not sent again, not even after a reload', async () => {
    const round = new Round()
    const tab = createTab()
    const { page, socket } = await open(round, tab)
    round.fault = 'malformed'
    page.act()
    await settle()
    expect(page.read()).toMatchObject({ failure: MALFORMED, pending: null })
    await vi.advanceTimersByTimeAsync(RETRY_AFTER_MS * 5)
    socket.disconnect()
    socket.connect(place)
    await settle()
    page.close()
    await open(round, tab)
    expect(round.received).toHaveLength(1)
  })

  it('sends no second act before the first is answered', async () => {
    const round = new Round()
    const { socket, page } = await open(round)
    round.fault = 'request'
    page.act()
    page.act()
    round.fault = null
    socket.disconnect()
    socket.connect(place)
    await settle()
    expect(round.received).toHaveLength(1)
  })

  it('asks nothing more once it is closed', async () => {
    const round = new Round()
    const { page } = await open(round)
    round.fault = 'unavailable'
    page.act()
    await settle()
    page.close()
    round.fault = null
    await vi.advanceTimersByTimeAsync(2 * RETRY_AFTER_MS)
    expect(round.received).toEqual([])
  })
})

describe('an act that was left unanswered in a round that is no longer shown', () => {
  const PLACES = [
    ['in the next round', { round: { id: 'two' }, wire: null }],
    ['in the waiting room', { round: null, wire: null }],
    ['at the wire of the next round', { round: null, wire: { id: 'two' } }],
  ] as const
  const SEATS_AND_PLACES = PLAYERS.flatMap((player) => PLACES.map(([where, next]) => ({ ...player, where, next })))

  /** A player has acted, and whether that has arrived is not known when the page is loaded again. */
  async function actAndReload({ connect, place }: (typeof PLAYERS)[number], lost: 'request' | 'answer') {
    const [round, tab] = [new Round(), createTab()]
    const socket = new TestSocket(round)
    const page = connect(socket as unknown as Socket, tab)
    socket.connect(place)
    await settle()
    round.fault = lost
    page.act()
    await settle()
    page.close()
    round.fault = null
    round.over = true
    const open = async (next: object) => {
      const fresh = new TestSocket(round)
      const student = new RoundConnection(fresh as unknown as Socket, tab)
      Object.assign(fresh, { disconnect: () => {} })
      fresh.connect(next)
      await settle()
      return student
    }
    return { round, open }
  }

  it.each(SEATS_AND_PLACES)('of $player: came too late, its author is told $where, until that has been read', async (player) => {
    const { open } = await actAndReload(player, 'request')
    const student = await open(player.next)
    expect(student.state.late).toEqual(ROUND_OVER)
    student.dismissLate()
    expect(student.state.late).toBeNull()
    student.close()
    const again = await open(player.next)
    expect(again.state.late).toBeNull()
    again.close()
  })

  it.each(SEATS_AND_PLACES)('of $player: came in time, nothing is said $where', async (player) => {
    const { round, open } = await actAndReload(player, 'answer')
    const student = await open(player.next)
    expect(student.state.late).toBeNull()
    expect(new Set(round.received).size).toBe(1)
    student.close()
  })

  it('is told after a while where the server cannot answer now', async () => {
    const { round, open } = await actAndReload(PLAYERS[0]!, 'request')
    round.fault = 'unavailable'
    const student = await open(PLACES[1][1])
    expect(student.state.late).toBeNull()
    round.fault = null
    await vi.advanceTimersByTimeAsync(RETRY_AFTER_MS)
    expect(student.state.late).toEqual(ROUND_OVER)
    student.close()
  })

  it('is told where its author has gone on to the next round before the answer', async () => {
    const [round, tab] = [new Round(), createTab()]
    const socket = new TestSocket(round)
    Object.assign(socket, { disconnect: () => {} })
    const page = new RoundConnection(socket as unknown as Socket, tab)
    socket.connect({ round: { id: 'one' }, wire: null })
    await settle()
    round.fault = 'request'
    page.act(SEND)
    await settle()
    socket.tell('place', { round: { id: 'two' }, wire: null })
    round.fault = null
    round.over = true
    page.showNextRound()
    await settle()
    expect(page.state).toMatchObject({ round: { id: 'two' }, late: ROUND_OVER, pending: null })
    page.close()
  })
})
