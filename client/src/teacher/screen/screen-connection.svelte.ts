/**
 * What the projector view receives: the nameless view of the session, asked for again and again, and the log of one round, which knows
 * seats and no names. The board with its names is never asked for, so that it cannot appear on the wall.
 */
import type { Failure } from '../../../../contract/answers.ts'
import type { Screen } from '../../../../contract/screen.ts'
import type { Entry } from '../../../../protocol/round/model/entry.ts'
import { callApi } from '../../lib/api.ts'
import { findFinalError, openSocket, sendRequest } from '../../lib/socket.ts'
import { LogFeed } from '../feed/log-feed.ts'

export type ScreenConnection = ReturnType<typeof connectToScreen>

/** Real ms between two requests of the view. */
const REFRESH_AFTER_MS = 2_000

/** Connects the projector view of a session. Call `close` when the page is left. */
export const connectToScreen = (session: string) => {
  let screen: Screen | null = $state.raw(null)
  let failure: Failure | null = $state.raw(null)
  let isBlocked = $state(false)
  let followed: { readonly round: string; readonly feed: LogFeed } | null = null
  let entries: readonly Entry[] = $state.raw([])
  /** How far the server's clock is ahead of this browser's, in ms. */
  let clockOffsetMs = 0
  let now = $state(Date.now())
  let closed = false
  let refreshing: ReturnType<typeof setTimeout> | undefined

  const ticking = setInterval(() => (now = Date.now() + clockOffsetMs), 500)
  const socket = openSocket({ teacher: true }, (is) => (isBlocked = is))

  const refresh = async () => {
    const answer = await callApi('GET /api/sessions/:session/screen', { params: { session } })
    if (closed) return
    if (answer.ok) {
      clockOffsetMs = Date.parse(answer.data.now) - Date.now()
      screen = answer.data
      failure = null
    } else if (!screen || (answer.error !== 'unavailable' && answer.error !== 'too-many')) failure = answer
    refreshing = setTimeout(() => void refresh(), REFRESH_AFTER_MS)
  }
  void refresh()

  socket.on('connect', () => void followed?.feed.load())
  socket.on('disconnect', () => followed?.feed.interrupt())
  socket.on('connect_error', (error) => {
    const denied = findFinalError(error)
    if (denied) failure = { ok: false, error: denied }
  })
  socket.on('entry', (entry) => {
    if (entry.roundId === followed?.round) followed.feed.receive(entry)
  })

  return {
    /** Null until the server has sent it. */
    get screen() {
      return screen
    },
    get failure() {
      return failure
    },
    /** Whether this network lets pages through, but no live connections. */
    get isBlocked() {
      return isBlocked
    },
    /** The server's time, ms since the epoch. */
    get now() {
      return now
    },
    /** The log of the round that is followed, as far as it has been received without gaps. */
    get entries() {
      return entries
    },
    /** Follows this round from now on, or none. */
    follow(round: string | null): void {
      if (round === (followed?.round ?? null)) return
      followed?.feed.close()
      if (followed && socket.connected) void sendRequest(socket, 'unfollow', { round: followed.round })
      followed = null
      entries = []
      if (round === null) return
      const feed = new LogFeed({
        isConnected: () => socket.connected,
        request: (from) => sendRequest(socket, 'follow', { round, from }),
        onEntries: (update) => (entries = update),
        onFailure: (error) => (failure = error),
      })
      followed = { round, feed }
      void feed.load()
    },
    close(): void {
      closed = true
      clearInterval(ticking)
      clearTimeout(refreshing)
      followed?.feed.close()
      socket.disconnect()
    },
  }
}
