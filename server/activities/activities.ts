/**
 * The class activities of this node's sessions: which one a session has, acts in it, and what is shown of it. The log in the database is
 * the truth; every node may write to it.
 */
import type { PhoneActivity, ScreenActivity } from '../../contract/class-activities.ts'
import type { EventAnswer, EventPayload } from '../../contract/events.ts'
import { SYSTEM, TEACHER } from '../../protocol/class/activity.ts'
import type { ActivityKind } from '../../protocol/class/kind-names.ts'
import type { ClassActivity } from '../../protocol/class/kinds.ts'
import { endsRecording, recordingsOf } from '../../protocol/class/leak/recordings.ts'
import { viewVerdict, type VerdictView } from '../../protocol/class/verdict-view.ts'
import type { TlsTools } from '../../protocol/round/rules/tls-end.ts'
import { ApiError } from '../base/api-error.ts'
import type { Retry } from '../base/retry.ts'
import type { After } from '../base/timer.ts'
import type { Library } from '../lessons/library.ts'
import type { LessonNotifier } from '../lessons/notifier.ts'
import type { Cluster } from '../nodes/cluster.ts'
import type { Rounds } from '../rounds/rounds.ts'
import { createActivitySetup, EXERCISE_OF } from './activity-setup.ts'
import type { ActivityStore, CurrentActivity, PlayedRound } from './activity-store.ts'
import { LiveActivity } from './live-activity.ts'
import { playSimulatedPhones } from './simulated-phones.ts'

export interface Activities {
  /** Starts an activity in place of the one that runs. Rejects with `not-found` and `session-ended`. */
  start(sessionId: string, kind: ActivityKind): Promise<void>
  /** Ends the activity that runs, if any. */
  end(sessionId: string): Promise<void>
  /** An act of a participant. Rejects with `conflict` if this activity does not run any more, with `id-reused` and `round-full`. */
  act(who: { readonly id: string; readonly session: string }, act: EventPayload<'actInClass'>): Promise<EventAnswer<'actInClass'>>
  /** An act of the teacher. Rejects as `act`. */
  steer(act: EventPayload<'steerClass'>): Promise<VerdictView>
  /** What these participants are shown, in this order; null if the session has no activity. */
  readPhones(sessionId: string, participants: readonly string[]): Promise<readonly PhoneActivity[] | null>
  /** What the projector shows; null if the session has no activity. */
  readScreen(sessionId: string): Promise<ScreenActivity | null>
  /** Subscribes to changes of what is shown in a session. `listener` must not throw. */
  onChange(listener: (sessionId: string) => void): void
}

export interface ActivitiesDeps {
  readonly store: ActivityStore
  readonly library: Pick<Library, 'findNewest'>
  readonly cluster: Pick<Cluster, 'on' | 'onMessageLoss' | 'sendToOthers' | 'distributed'>
  readonly notifier: Pick<LessonNotifier, 'sessionChanged'>
  readonly rounds: Pick<Rounds, 'subscribe' | 'readEntries'>
  readonly tls: TlsTools
  readonly now: () => Date
  readonly after: After
  readonly random: () => number
  readonly retry: Retry
}

/** What this node knows of a session: its activity, as far as the database has been asked. */
type Known = Promise<LiveActivity | null>

export function createActivities(deps: ActivitiesDeps): Activities {
  const { store, library, cluster, notifier, rounds, tls, now, after, random, retry } = deps
  const listeners: ((sessionId: string) => void)[] = []
  const sessions = new Map<string, Known>()

  const announce = (sessionId: string) => {
    for (const listener of listeners) listener(sessionId)
  }

  const createLive = (current: CurrentActivity) =>
    new LiveActivity(current, {
      store,
      tls,
      now,
      alwaysRefresh: cluster.distributed,
      onChange(by) {
        if (by === 'this-node') cluster.sendToOthers('activity', current.session)
        announce(current.session)
      },
    })

  const find = (sessionId: string): Known => {
    const known = sessions.get(sessionId)
    if (known) return known
    const isKept = () => sessions.get(sessionId) === found
    const load = async () => {
      const current = await store.findCurrent(sessionId)
      if (!current) return null
      const live = createLive(current)
      if (current.setup.kind === 'key-leak') retry(() => recordAll(live))
      const { rehearsalSpeed: speed } = current
      if (speed !== null)
        playSimulatedPhones(live, await store.findSimulated(sessionId), { speed, random, after, isOver: () => !isKept() })
      return live
    }
    const found = load()
    sessions.set(sessionId, found)
    found.catch(() => isKept() && sessions.delete(sessionId)) // the next who asks tries again
    return found
  }

  /** The activity that somebody acts in. */
  const require = async (sessionId: string, activityId: string): Promise<LiveActivity> => {
    const live = await find(sessionId)
    if (live?.current.id !== activityId) throw new ApiError('conflict', 'This activity does not run any more.')
    return live
  }

  /** Hands what has been said in a round so far to an activity that records. What it has already it takes only once. */
  const record = async (live: LiveActivity, { id: round, members }: PlayedRound) => {
    for (const recording of recordingsOf(await rounds.readEntries(round), members))
      await live.act({ actor: SYSTEM, id: `${round}-${recording.scene}`, action: { kind: 'record', recording } })
  }
  const recordAll = async (live: LiveActivity) => {
    for (const round of await store.findRounds(live.current.session, EXERCISE_OF['key-leak'])) await record(live, round)
  }
  rounds.subscribe(({ entry }) => {
    if (endsRecording(entry))
      retry(async () => {
        const round = await store.findRound(entry.roundId)
        const live = round?.exercise === EXERCISE_OF['key-leak'] ? await find(round.session) : null
        if (round && live?.current.setup.kind === 'key-leak') await record(live, round)
      })
  })

  /** Asks the database again which activity a session has. */
  const lookAgain = async (sessionId: string) => {
    const known = sessions.get(sessionId)
    if (!known) return
    const [live, current] = await Promise.all([known, store.findCurrent(sessionId)])
    if (sessions.get(sessionId) !== known || live?.current.id === current?.id) return
    sessions.delete(sessionId)
    announce(sessionId)
  }

  const catchUp = async (sessionId: string) => (await sessions.get(sessionId))?.catchUp()

  cluster.on('session', (sessionId) => retry(() => lookAgain(sessionId)))
  cluster.on('activity', (sessionId) => retry(async () => catchUp(sessionId)))
  cluster.onMessageLoss(() => {
    for (const sessionId of sessions.keys())
      retry(async () => {
        await lookAgain(sessionId)
        await catchUp(sessionId)
      })
  })

  const toPhoneActivity = ({ current }: LiveActivity, activity: ClassActivity, participant: string): PhoneActivity => ({
    id: current.id,
    kind: current.setup.kind,
    view: activity.viewFor(participant),
  })

  return {
    async start(sessionId, kind) {
      await store.start(sessionId, await createActivitySetup(kind, { library, random }))
      notifier.sessionChanged(sessionId)
    },
    async end(sessionId) {
      await store.end(sessionId)
      notifier.sessionChanged(sessionId)
    },
    async act({ id: actor, session }, { activity, id, action }) {
      const live = await require(session, activity)
      const { verdict } = await live.act({ actor, id, action })
      return {
        verdict: viewVerdict(verdict, action),
        // The act itself has brought this node up to date.
        activity: await live.read((now) => toPhoneActivity(live, now, actor), false),
      }
    },
    async steer({ session, activity, id, action }) {
      const live = await require(session, activity)
      // What a node that has died had not handed over is in the rounds' logs.
      if (action.kind === 'leak') await recordAll(live)
      const { verdict } = await live.act({ actor: TEACHER, id, action })
      return viewVerdict(verdict, action)
    },
    async readPhones(sessionId, participants) {
      const live = await find(sessionId)
      return live && live.read((activity) => participants.map((id) => toPhoneActivity(live, activity, id)))
    },
    async readScreen(sessionId) {
      const live = await find(sessionId)
      return live && live.read((activity) => ({ id: live.current.id, view: activity.viewForScreen() }))
    },
    onChange: (listener) => void listeners.push(listener),
  }
}
