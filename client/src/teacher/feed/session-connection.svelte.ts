/**
 * The live connection to one session: the board, the log of the followed round, and commands. State comes only from the server; after a
 * reconnect the board is requested again.
 */
import type { Board, Failure } from '../../../../contract/answers.ts'
import type { Steering } from '../../../../contract/actions.ts'
import type { RouteKey } from '../../../../contract/routes/all-routes.ts'
import { callApi, type CallInput } from '../../lib/api.ts'
import type { Entry } from '../../../../protocol/round/model/entry.ts'
import { sendRequest, findFinalError, openSocket, RETRY_AFTER_MS } from '../../lib/socket.ts'
import { mergeBoard, mergeTiles } from './board-merge.ts'
import { LogFeed } from './log-feed.ts'

/** The routes of commands to a session; all of them answer with the board. */
export type BoardRoute = Extract<RouteKey, `${'POST' | 'DELETE'} /api/sessions/:session/${string}`>

export type SessionConnection = ReturnType<typeof connectToSession>

/** Connects to a session. Call `close` when the pages of the session are left. */
export const connectToSession = (session: string) => {
  let board: Board | null = $state.raw(null)
  let failure: Failure | null = $state.raw(null)
  let connected = $state(false)
  let isBlocked = $state(false)
  let followed: { readonly round: string; readonly feed: LogFeed } | null = null
  let entries: readonly Entry[] | null = $state.raw(null)
  let followFailure: Failure | null = $state.raw(null)
  /** How far the server's clock is ahead of this browser's, in ms. */
  let clockOffsetMs = 0
  let now = $state(Date.now())

  const tick = () => (now = Date.now() + clockOffsetMs)
  const ticking = setInterval(tick, 1_000)
  const socket = openSocket({ teacher: true }, (is) => (isBlocked = is))

  const applyBoard = (update: Board) => {
    clockOffsetMs = Date.parse(update.now) - Date.now()
    tick()
    board = mergeBoard(board, update)
    failure = null
  }

  const watch = async () => {
    if (!socket.connected) return
    const reply = await sendRequest(socket, 'watch', { session })
    if (reply.ok) applyBoard(reply.board)
    else if (reply.error !== 'unavailable') failure = reply
    else setTimeout(watch, RETRY_AFTER_MS)
  }

  socket.on('connect', () => {
    connected = true
    void watch()
    void followed?.feed.load()
  })
  socket.on('disconnect', () => {
    connected = false
    followed?.feed.interrupt()
  })
  socket.on('connect_error', (error) => {
    const denied = findFinalError(error)
    if (denied) failure = { ok: false, error: denied }
  })
  socket.on('session', (info) => {
    if (board && info.id === session) board = { ...board, session: info }
  })
  socket.on('tiles', (update) => {
    if (board && update.session === session) board = { ...board, tiles: mergeTiles(board.tiles, update.tiles) }
  })
  socket.on('participants', (update) => {
    if (board && update.session === session) {
      board = { ...board, participants: update.participants, missing: update.missing }
    }
  })
  socket.on('entry', (entry) => {
    if (entry.roundId === followed?.round) followed.feed.receive(entry)
  })

  return {
    /** For what only one of the pages asks. */
    socket,
    /** Null until the server has sent it. */
    get board() {
      return board
    },
    /** The error because of which there is no board, or no longer an up-to-date one. */
    get failure() {
      return failure
    },
    /** Whether this network lets pages through, but no live connections. */
    get isBlocked() {
      return isBlocked
    },
    get connected() {
      return connected
    },
    /** The server's time, ms since the epoch, updated every second. */
    get now() {
      return now
    },
    /** The log of the round that is followed, as far as it has been received without gaps; null before its first page. */
    get entries() {
      return entries
    },
    get followFailure() {
      return followFailure
    },
    /** Sends a command and applies the board in its answer. Returns the failure, or null. */
    async command<K extends BoardRoute>(route: K, input: CallInput<K>): Promise<Failure | null> {
      const answer = await callApi(route, input)
      if (!answer.ok) return answer
      applyBoard(answer.data)
      return null
    },
    follow(round: string): void {
      followed?.feed.close()
      entries = null
      followFailure = null
      const feed = new LogFeed({
        isConnected: () => socket.connected,
        request: (from) => sendRequest(socket, 'follow', { round, from }),
        onEntries: (update) => (entries = update),
        onFailure: (error) => (followFailure = error),
      })
      followed = { round, feed }
      void feed.load()
    },
    unfollow(round: string): void {
      if (followed?.round === round) {
        followed.feed.close()
        followed = null
      }
      if (socket.connected) void sendRequest(socket, 'unfollow', { round })
    },
    /** Pauses or resumes the followed round, or acts on its wire. The effect arrives as an entry. Returns the failure, or null. */
    async steer(action: Steering): Promise<Failure | null> {
      if (followed === null) return null
      const reply = await sendRequest(socket, 'steer', { round: followed.round, action })
      return reply.ok ? null : reply
    },
    close(): void {
      clearInterval(ticking)
      followed?.feed.close()
      socket.disconnect()
    },
  }
}
