/** Class activities on two nodes with one database: every act once, in one order, and the same to be seen everywhere. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import type { RelayScreenView } from '../../protocol/class/relay/relay-views.ts'
import type { LeakScreenView } from '../../protocol/class/leak/leak-views.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { playThrough } from '../../protocol/round/play/play-through.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import type { FloodPhoneView, FloodScreenView } from '../../protocol/class/flood/flood-views.ts'
import { createActivities, type Activities } from '../../server/activities/activities.ts'
import { createActivityStore, type ActivityStore } from '../../server/activities/activity-store.ts'
import { newId } from '../../server/base/ids.ts'
import { insertSession } from '../../server/lessons/insert-session.ts'
import type { RoundEvent } from '../../server/rounds/live-round.ts'
import { createNotifier } from '../../server/lessons/notifier.ts'
import { createCluster, type Cluster } from '../../server/nodes/cluster.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { exercises } from '../support/exercises.ts'
import { createMemoryNodeTable } from '../support/nodes.ts'
import { numbers } from '../support/random.ts'
import { manualTime } from '../support/time.ts'

let database: TestDatabase
let store: ActivityStore
const time = manualTime()

beforeAll(async () => {
  database = await testDatabase()
  store = createActivityStore({ prisma: database.prisma, now: time.now })
})
afterAll(() => database.stop())

/** The logs of rounds that the nodes can read, and who is told of their entries. */
const logs = new Map<string, readonly Entry[]>()
const roundListeners: ((event: RoundEvent) => void)[] = []

const createNode = (cluster: Cluster): Activities =>
  createActivities({
    store,
    library: { findNewest: async (id) => exercises.get(id) },
    cluster,
    notifier: createNotifier(cluster),
    rounds: {
      subscribe: (listener) => void roundListeners.push(listener),
      readEntries: async (round) => logs.get(round) ?? [],
    },
    tls: TLS_TOOLS,
    now: time.now,
    after: time.after,
    random: numbers(1),
    retry: (work) => void work().catch((error: unknown) => expect.unreachable(String(error))),
  })

/** Two nodes that hear each other as long as `hears` says so. */
function createNodes(hears = () => true): [Activities, Activities] {
  const receivers: ((text: string) => void)[] = []
  const join = (i: number) => {
    const send = (text: string) => hears() && receivers[1 - i]?.(text)
    const { cluster, receive } = createCluster({ table: createMemoryNodeTable(), send, stop: async () => {} })
    receivers[i] = receive
    return createNode(cluster)
  }
  return [join(0), join(1)]
}

const createSession = async (rehearsal?: { speed: number }) =>
  (
    await insertSession(database.prisma, {
      title: 'Monday',
      level: 'guided',
      playlist: ['why-three-half-open'],
      swap: false,
      createdAt: time.now(),
      ...(rehearsal ? { rehearsal } : {}),
    })
  ).id

const idOf = async (node: Activities, session: string) => (await node.readScreen(session))!.id
const screenOf = async (node: Activities, session: string) => (await node.readScreen(session))!.view as FloodScreenView
const phoneOf = async (node: Activities, session: string, id: string) =>
  (await node.readPhones(session, [id]))![0]!.view as FloodPhoneView | null
const actIn =
  (node: Activities, session: string, activity: string) =>
  (participant: string, kind: 'enter' | 'send-due', id = newId()) =>
    node.act({ id: participant, session }, { activity, id, action: { kind } })

describe('a class activity on two nodes', () => {
  it('takes the acts of 150 phones at once, each exactly once, and shows the same on both', async () => {
    const [one, other] = createNodes()
    const session = await createSession()
    await one.start(session, 'syn-flood')
    const activity = await idOf(one, session)
    expect(await idOf(other, session)).toBe(activity)

    const phones = Array.from({ length: 150 }, (_, i) => `phone-${i}`)
    const act = phones.map((_, i) => actIn(i % 2 ? one : other, session, activity))
    await Promise.all(phones.map((id, i) => act[i]!(id, 'enter')))
    await Promise.all(phones.map((id, i) => act[i]!(id, 'send-due')))
    const [here, there] = [await screenOf(one, session), await screenOf(other, session)]
    expect(here).toEqual(there)
    expect(here.hosts).toHaveLength(150)
    expect(here.halfOpen).toHaveLength(here.backlog)

    const rows = await store.read(activity, 0)
    expect(rows.map(({ index }) => index)).toEqual(rows.map((_, i) => i))
    expect(rows.filter(({ action }) => action.kind === 'enter')).toHaveLength(150)
    // A node that starts later knows no more than the log.
    expect(await screenOf(createNodes()[0], session)).toEqual(here)
  })

  it('does an act that is sent again to the other node only once', async () => {
    const [one, other] = createNodes()
    const session = await createSession()
    await one.start(session, 'syn-flood')
    const activity = await idOf(one, session)
    await actIn(one, session, activity)('ann', 'enter')
    const id = newId()
    await actIn(one, session, activity)('ann', 'send-due', id)
    const again = await actIn(other, session, activity)('ann', 'send-due', id)
    expect(again.activity.view).toMatchObject({ asked: 1, fate: 'vanished' })
    await expect(actIn(other, session, activity)('ann', 'enter', id)).rejects.toMatchObject({ code: 'id-reused' })
    // Of another person the same id is another act.
    await actIn(other, session, activity)('bob', 'enter', id)
    expect((await screenOf(one, session)).hosts).toHaveLength(2)
  })

  it('goes on where messages between the nodes are lost', async () => {
    const [one, other] = createNodes(() => false)
    const session = await createSession()
    await one.start(session, 'syn-flood')
    const activity = await idOf(one, session)
    await actIn(one, session, activity)('ann', 'enter')
    await actIn(other, session, activity)('bob', 'enter')
    await actIn(one, session, activity)('ann', 'send-due')
    expect(await phoneOf(other, session, 'ann')).toMatchObject({ number: 1, asked: 1 })
    expect((await screenOf(other, session)).hosts).toHaveLength(2)
  })

  it('is told of to whoever watches, on both nodes, and is over for both at its end', async () => {
    const [one, other] = createNodes()
    const told: string[] = []
    one.onChange(() => told.push('one'))
    other.onChange(() => told.push('other'))
    const session = await createSession()
    for (const node of [one, other]) expect(await node.readScreen(session)).toBeNull()
    await one.start(session, 'syn-flood')
    await expect.poll(() => new Set(told)).toEqual(new Set(['one', 'other']))
    const activity = await idOf(one, session)
    await idOf(other, session)
    told.length = 0
    await actIn(one, session, activity)('ann', 'enter')
    await expect.poll(() => new Set(told)).toEqual(new Set(['one', 'other']))
    await other.end(session)
    await expect.poll(() => one.readScreen(session)).toBeNull()
    await expect(actIn(one, session, activity)('ann', 'send-due')).rejects.toMatchObject({ code: 'conflict' })
  })

  it('gives way to the next one, and cannot begin in a session that is over', async () => {
    const [one] = createNodes()
    const session = await createSession()
    await one.start(session, 'syn-flood')
    const first = await idOf(one, session)
    await one.start(session, 'syn-flood')
    await expect.poll(() => idOf(one, session)).not.toBe(first)
    await database.prisma.session.update({ where: { id: session }, data: { endedAt: time.now() } })
    await expect(one.start(session, 'syn-flood')).rejects.toMatchObject({ code: 'session-ended' })
    expect(await createNodes()[0].readScreen(session)).toBeNull()
  })
})

it('in a rehearsal a program plays the phones, and the teacher steers', async () => {
  const [node] = createNodes()
  const session = await createSession({ speed: 10 })
  await database.prisma.participant.createMany({
    data: Array.from({ length: 12 }, (_, i) => ({
      id: newId(),
      sessionId: session,
      name: `S${i}`,
      skeleton: `S${i}`,
      simulated: true,
      createdAt: time.now(),
    })),
  })
  await node.start(session, 'syn-flood')
  const activity = await idOf(node, session)
  /** Lets time pass until the projector shows what is wanted. */
  const until = async (isShown: (view: FloodScreenView) => boolean) => {
    for (let look = 0; look < 300 && !isShown(await screenOf(node, session)); look++) time.pass(100)
    expect(await screenOf(node, session)).toSatisfy(isShown)
  }
  await until(({ hosts, counts }) => hosts.length === 12 && counts.refusedHonest > 0)
  await node.steer({ session, activity, id: newId(), action: { kind: 'open-scene', scene: 1 } })
  await until(({ committedOctets, connections }) => connections.honest === 2 && committedOctets >= 10 * 65_535)
  await node.steer({ session, activity, id: newId(), action: { kind: 'open-scene', scene: 2 } })
  await until(({ connections }) => connections.honest === 2)
  expect(await screenOf(node, session)).toMatchObject({ halfOpen: [], committedOctets: 0 })

  await node.start(session, 'longest-wire')
  await expect.poll(async () => (await node.readScreen(session))!.view.kind).toBe('longest-wire')
  const wire = async () => (await node.readScreen(session))!.view as RelayScreenView
  for (let look = 0; look < 600 && !(await wire()).over; look++) time.pass(100)
  expect(await wire()).toMatchObject({ over: true, runners: 12, states: { client: 'TIME-WAIT', server: 'CLOSED' } })
})

describe('what is recorded for the key that leaks', () => {
  const exercise = exercises.get('https-forward-secrecy')!
  /** A round of two in this session, played to its end; what happens in it is not told to anybody yet. */
  const playRound = async (session: string, number: number) => {
    const person = async (name: string) => {
      const data = { id: newId(), sessionId: session, name, skeleton: name, createdAt: time.now() }
      return (await database.prisma.participant.create({ data })).id
    }
    const [clientId, serverId] = [await person(`C${number}`), await person(`S${number}`)]
    const pair = { id: newId(), sessionId: session, number, firstId: clientId, secondId: serverId, createdAt: time.now() }
    const reference = `${exercise.id}@${exercise.version}`
    const round = { id: newId(), sessionId: session, pairId: pair.id, position: 0, leg: 1, exercise: reference }
    await database.prisma.pair.create({ data: pair })
    await database.prisma.round.create({ data: { ...round, clientId, serverId, createdAt: time.now() } })
    const script = instantiateExercise(exercise, 'guided', numbers(number))
    const { entries } = playThrough(script, { client: 'exact', server: 'exact' }, TLS_TOOLS)
    const log = entries.map((entry) => ({ ...entry, roundId: round.id }))
    logs.set(round.id, log)
    return log
  }
  const leakOf = async (node: Activities, session: string) => (await node.readScreen(session))!.view as LeakScreenView

  it('are the rounds from before its start, those that are being played, and what nobody was told of', async () => {
    const [one, other] = createNodes()
    const session = await createSession()
    await playRound(session, 1)
    await one.start(session, 'key-leak')
    const activity = await idOf(one, session)
    await expect.poll(async () => (await leakOf(one, session)).counts.RSA.recorded).toBe(1)
    // Each node hears of the entries of a round; it is recorded once.
    const log = await playRound(session, 2)
    for (const entry of log) for (const listener of roundListeners) listener({ entry } as RoundEvent)
    await expect.poll(async () => (await leakOf(other, session)).counts.ECDHE.recorded).toBe(2)
    await playRound(session, 3)
    await other.steer({ session, activity, id: newId(), action: { kind: 'leak' } })
    expect((await leakOf(one, session)).counts).toEqual({
      RSA: { recorded: 3, opened: 3 },
      ECDHE: { recorded: 3, opened: 0 },
    })
  })
})
