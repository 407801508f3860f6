/** Sends class activities to the sockets of this node: to each student their own view, to the teacher what the projector shows. */
import type { PhoneActivity } from '../../contract/class-activities.ts'
import type { Activities } from '../activities/activities.ts'
import type { Retry } from '../base/retry.ts'
import { throttle, type After } from '../base/timer.ts'
import type { ParticipantPrincipal } from '../identity/auth.ts'
import { channelNames, type Channels } from './channels.ts'
import type { Socket } from './typed-socket.ts'

/** Real ms between two updates of a session: many act at the same moment, and each of them changes what all others see. */
const UPDATE_INTERVAL_MS = 300

export interface ActivityFeed {
  /** Must be called for each connection of a student. Sends the activity of their class, if there is one. */
  onParticipantConnected(socket: Socket, who: ParticipantPrincipal): void
}

export interface ActivityFeedDeps {
  readonly channels: Channels
  readonly activities: Pick<Activities, 'readPhones' | 'readScreen' | 'onChange'>
  readonly retry: Retry
  readonly after: After
}

export function startActivityFeed({ channels, activities, retry, after }: ActivityFeedDeps): ActivityFeed {
  const { io, forEachSocket, hasSockets } = channels
  /** What each socket has been sent last, as JSON. */
  const sent = new WeakMap<Socket, string>()

  const send = (socket: Socket, activity: PhoneActivity | null) => {
    const json = JSON.stringify(activity)
    if (json === sent.get(socket)) return
    sent.set(socket, json)
    socket.emit('classActivity', { activity })
  }

  const updatePhones = async (sessionId: string) => {
    const sockets: Socket[] = []
    forEachSocket(channelNames.session(sessionId), (socket) => sockets.push(socket))
    if (sockets.length === 0) return
    const views = await activities.readPhones(
      sessionId,
      sockets.map(({ data }) => data.principal.id),
    )
    sockets.forEach((socket, i) => send(socket, views?.[i] ?? null))
  }
  const updateScreens = async (session: string) => {
    const watchers = channelNames.classWatchers(session)
    if (hasSockets(watchers)) io.to(watchers).emit('classScreen', { session, activity: await activities.readScreen(session) })
  }

  const dirtySessions = new Set<string>()
  const flush = throttle(
    UPDATE_INTERVAL_MS,
    () => {
      for (const session of dirtySessions)
        retry(async () => void (await Promise.all([updatePhones(session), updateScreens(session)])))
      dirtySessions.clear()
    },
    after,
  )
  activities.onChange((session) => {
    dirtySessions.add(session)
    flush()
  })

  return {
    onParticipantConnected(socket, { id, session }) {
      retry(async () => {
        const views = await activities.readPhones(session, [id])
        send(socket, views?.[0] ?? null)
      })
    },
  }
}
