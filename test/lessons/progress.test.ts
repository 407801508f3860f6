/**
 * The flow of a lesson on nodes without sockets and without a database: students act in the rounds, and the next round starts by
 * itself.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { createRetry } from '../../server/base/retry.ts'
import type { PrismaClient } from '../../server/generated/prisma/client.ts'
import { createClassroom, type Classroom } from '../../server/lessons/classroom.ts'
import { createLibrary } from '../../server/lessons/library.ts'
import type { Cluster } from '../../server/nodes/cluster.ts'
import { createMemoryLog } from '../../server/rounds/log-memory.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import { SEATS } from '../../protocol/seat.ts'
import { exercises } from '../support/exercises.ts'
import { makeLesson, type SmallLesson } from '../support/lesson-rows.ts'
import { createMemoryLessonStore, type MemoryLessonStore } from '../support/lesson-store-memory.ts'
import { testCluster } from '../support/nodes.ts'
import { numbers } from '../support/random.ts'
import { standIn } from '../support/stand-in.ts'
import { manualTime, type ManualTime } from '../support/time.ts'

let time: ManualTime
let log: RoundLog
let store: MemoryLessonStore
let lesson: SmallLesson
let wire: ReturnType<typeof testCluster>
beforeEach(() => {
  time = manualTime()
  log = createMemoryLog()
  store = createMemoryLessonStore({ log, now: time.now })
  lesson = makeLesson()
  store.add(lesson)
  wire = testCluster()
})

interface TestClassroom extends Classroom {
  readonly cluster: Cluster
  /** Participants who were notified that their place has changed. */
  readonly told: string[]
}

/** Opens a node of the lesson. `dies`: it never reacts to the events of its rounds. */
function open({ dies = false } = {}): TestClassroom {
  const cluster = wire.join()
  const report = (error: unknown) => expect.unreachable(String(error))
  const { retry } = createRetry({ report, after: time.after })
  const told: string[] = []
  cluster.on('places', (ids) => told.push(...ids))
  const classroom = createClassroom({
    store,
    log,
    library: createLibrary({ prisma: standIn<PrismaClient>({}), builtIn: exercises, now: time.now }),
    cluster,
    retry: dies ? () => {} : retry,
    now: time.now,
    after: time.after,
    random: numbers(1),
  })
  return { ...classroom, cluster, told }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))
const placeOf = async ({ places }: Classroom, id: string) => (await places.readPlaces([id]))[0]!

/** Plays both seats of the pair's current round to its end. Returns its id. */
async function playRound(classroom: Classroom): Promise<string> {
  const { round } = await placeOf(classroom, lesson.people.ann)
  for (let turn = 0; turn < 80; turn++) {
    for (const seat of SEATS) {
      const world = (await classroom.rounds.readWorld(round!.id))!
      if (world.over) return round!.id
      const move = choosePartnerMove(world, seat, { style: 'exact', pace: 'at-once' })
      const { length } = await classroom.rounds.readViews(round!.id, seat, 0)
      if (move) await classroom.rounds.act(round!.id, seat, { id: `${seat}-${turn}`, seen: length, action: move.action })
    }
  }
  throw new Error('the round does not end')
}

describe('a lesson that no socket looks at', () => {
  it('opens the second leg when the first is over, and waits after it', async () => {
    const classroom = open()
    const { ann, bob } = lesson.people
    await classroom.playlist.openExercise(lesson.session.id, 0)
    classroom.told.length = 0
    const first = await playRound(classroom)
    await settled()
    expect(await placeOf(classroom, ann)).toMatchObject({ round: { leg: 2, seat: 'server' }, replay: null })
    expect(await placeOf(classroom, bob)).toMatchObject({ round: { leg: 2, seat: 'client' } })
    expect(classroom.told).toEqual([ann, bob])
    const second = await playRound(classroom)
    await settled()
    expect(second).not.toBe(first)
    expect(await placeOf(classroom, ann)).toMatchObject({ round: null, waiting: 'for-next', replay: second })
  })

  it('opens it where the node that ended the first died before it could: another finds the end in the log', async () => {
    const [dying, other] = [open({ dies: true }), open()]
    await dying.playlist.openExercise(lesson.session.id, 0)
    await settled()
    const { round } = await placeOf(other, lesson.people.ann)
    await other.rounds.readWorld(round!.id)
    wire.cut()
    await playRound(dying)
    expect(await placeOf(other, lesson.people.ann)).toMatchObject({ round: null, waiting: 'for-next' })
    await other.rounds.readWorld(round!.id)
    await settled()
    expect(await placeOf(other, lesson.people.ann)).toMatchObject({ round: { leg: 2 } })
  })

  it.each(['not started', 'over'] as const)('goes on when a student connects, where a node left a round %s', async (what) => {
    const { ann } = lesson.people
    if (what === 'over') {
      const dying = open({ dies: true })
      await dying.playlist.openExercise(lesson.session.id, 0)
      await playRound(dying)
    } else await store.openPosition(lesson.session.id, 0, 'handshake@1')
    wire.cut()

    const classroom = open()
    const place = await placeOf(classroom, ann)
    expect(place).toMatchObject({ round: null, waiting: what === 'over' ? 'for-next' : 'for-start' })
    await classroom.progress.resume(place)
    const { round } = await placeOf(classroom, ann)
    expect(round).toMatchObject({ leg: what === 'over' ? 2 : 1 })
    expect(await log.read(round!.id)).toMatchObject([{ action: { kind: 'control', control: 'start' } }])
    await classroom.progress.resume(await placeOf(classroom, ann))
    expect(await log.read(round!.id)).toHaveLength(1)
  })

  it.each(['advance', 'open'] as const)(
    'tells everybody of a round that a node has left unstarted and untold (%s)',
    async (how) => {
      const { opened } = await store.openPosition(lesson.session.id, 0, 'handshake@1') // The node then died.
      const classroom = open()
      if (how === 'open') await classroom.playlist.openExercise(lesson.session.id, 0)
      else await Promise.all(opened.map(({ id }) => classroom.progress.advance(id)))
      expect(classroom.told.sort()).toEqual(opened.flatMap(({ clientId, serverId }) => [clientId, serverId]).sort())
    },
  )

  it('starts a second leg whose row is all that a node has left', async () => {
    const dying = open({ dies: true })
    await dying.playlist.openExercise(lesson.session.id, 0)
    const first = await playRound(dying)
    const [second] = await store.createSecondLeg((await store.findRound(first))!)
    wire.cut()
    const classroom = open()
    await classroom.progress.advance(first)
    expect(await log.read(second!.id)).toMatchObject([{ action: { kind: 'control', control: 'start' } }])
  })

  it('does not start a round that it has left behind', async () => {
    const { opened } = await store.openPosition(lesson.session.id, 0, 'handshake@1')
    const classroom = open()
    await store.openPosition(lesson.session.id, 1, 'data@1')
    await classroom.progress.advance(opened[0]!.id)
    expect(await log.read(opened[0]!.id)).toEqual([])
  })

  it('ends a round that was left behind while it was being started', async () => {
    const classroom = open()
    const { session, opened } = await store.openPosition(lesson.session.id, 0, 'handshake@1')
    await store.endSession(lesson.session.id)
    await classroom.lifecycle.startRounds(session, opened)
    for (const { id } of opened) expect((await classroom.rounds.readWorld(id))?.over).toBe('moved-on')
  })

  it('ends every round with it, and again whatever a node has left', async () => {
    const classroom = open()
    await classroom.playlist.openExercise(lesson.session.id, 0)
    const { stale } = await store.endSession(lesson.session.id) // The node then died.
    expect(stale).toHaveLength(2)
    await classroom.playlist.endSession(lesson.session.id)
    for (const { id } of stale) expect((await classroom.rounds.readWorld(id))?.over).toBe('ended')
    expect(await placeOf(classroom, lesson.people.ann)).toMatchObject({ waiting: 'ended', round: null })
  })

  it('hands the seat of one who stays away to the built-in partner, and back', async () => {
    const classroom = open()
    const { ann, bob } = lesson.people
    const leave = [ann, bob].map((id) => classroom.presence.connect(id, lesson.session.id))
    await classroom.playlist.openExercise(lesson.session.id, 0)
    const { round } = await placeOf(classroom, ann)
    const playerOf = async () => (await classroom.rounds.readWorld(round!.id))?.seats.client.player
    leave[0]!()
    time.pass(3_000)
    await settled()
    time.pass(60_000)
    await settled()
    expect(await playerOf()).toBe('partner')
    classroom.presence.connect(ann, lesson.session.id)
    await settled()
    expect(await playerOf()).toBe('person')
  })
})
