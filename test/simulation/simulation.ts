/** Simulates one whole lesson, determined by a seed. */
import { type ExerciseLibrary, loadExercises } from '../../exercises/load.ts'
import { SEATS } from '../../protocol/seat.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import type { World } from '../../protocol/round/model/world.ts'
import type { PrismaClient } from '../../server/generated/prisma/client.ts'
import { createClassroom } from '../../server/lessons/classroom.ts'
import { createLibrary, type Library } from '../../server/lessons/library.ts'
import { createMemoryLog } from '../../server/rounds/log-memory.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import { createMemoryLessonStore, type MemoryLessonStore } from '../support/lesson-store-memory.ts'
import { createMemoryNodeTable } from '../support/nodes.ts'
import { standIn } from '../support/stand-in.ts'
import { Bus } from './bus.ts'
import { drawLesson, type DrawnLesson } from './lesson.ts'
import { Node, roundOf } from './node.ts'
import type { Weather } from './network.ts'
import { Referee, type Violation } from './referee.ts'
import { Student, type Character } from './student.ts'
import { Teacher } from './teacher.ts'
import { VirtualTime } from './virtual-time.ts'

const exercises: ExerciseLibrary = loadExercises('exercises')

const CHARACTERS: readonly Character[] = [
  { thinkMs: [800, 5_000], errs: 0 },
  { thinkMs: [800, 5_000], errs: 0.25 },
  { thinkMs: [15_000, 45_000], errs: 0.05 },
]
/** How everybody behaves once nothing fails any more. */
const GOOD_CHARACTER: Character = { thinkMs: [800, 4_000], errs: 0 }

const CLEAR: Omit<Weather, 'clearFrom' | 'busLosesUntil'> = { delayMs: [1, 40], doubling: 0, failing: 0, storageMs: [1, 10] }

/** Virtual ms, like all durations below. */
const STORM_MS = [3_000, 20_000] as const
const LULL_MS = [25_000, 60_000] as const
const CHECK_INTERVAL_MS = 2_000
/**
 * In clear weather, a view is late after this time. The second value applies while the bus loses messages between nodes, which
 * are then found in the database.
 */
const LATE_AFTER_MS = 4_000
const LATE_BY_DATABASE_MS = 8_000
/** After this time every node knows who is connected to another node, even if the bus is cut and the storage is slow. */
const KNOWN_AFTER_MS = 30_000
/**
 * By this time after a storm, everything that it delayed has arrived or been given up, and all broken connections have been
 * noticed.
 */
const AFTERMATH_MS = 16_000
/** A round in which nothing has happened for this long after the last storm is considered stuck. */
const STUCK_AFTER_MS = 4 * 60_000
/** The longest time that a lesson may take after its last storm. */
const MAX_CALM_MS = 60 * 60_000
const MAX_STEPS = 60_000

/** The result of a simulated lesson. */
export interface Outcome {
  /** Null if all invariants held. */
  readonly violation: Violation | null
  readonly steps: number
  readonly digest: string
  /** The last events. */
  readonly trace: readonly string[]
  readonly rows: number
  readonly rounds: number
}

export interface SimulationOptions {
  /** The product's function, or that of a copy with a planted fault. */
  readonly createClassroom?: typeof createClassroom
}

/** Plays the lesson of this seed until it ends or an invariant is violated. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Outcome> {
  const simulation = new Simulation(seed, options)
  const violation = await simulation.run()
  const { time, referee } = simulation
  const rounds = [...referee.rounds.values()]
  return {
    violation,
    steps: time.steps,
    trace: time.trace,
    digest: time.digest(),
    rows: rounds.reduce((sum, { fold }) => sum + fold.entries.length, 0),
    rounds: rounds.length,
  }
}

class Simulation {
  readonly time: VirtualTime
  readonly referee: Referee
  readonly #options: SimulationOptions
  readonly #weather: Weather = { clearFrom: 0, busLosesUntil: 0, ...CLEAR }
  readonly #lesson: DrawnLesson
  readonly #log: RoundLog
  readonly #store: MemoryLessonStore
  readonly #table = createMemoryNodeTable()
  readonly #library: Library
  readonly #bus: Bus
  readonly #nodes = new Map<string, Node>()
  readonly #students: Student[]
  readonly #teacher: Teacher
  /** Virtual ms at which the last storm ended; infinite until then. */
  #calmSince = Infinity
  /** Students who lack views: since when, and how many views they had at that time. */
  readonly #late = new Map<Student, { readonly since: number; readonly held: number; readonly round: string }>()

  constructor(seed: number, options: SimulationOptions) {
    this.#options = options
    const time = (this.time = new VirtualTime(seed))
    this.referee = new Referee(time, exercises)
    const inner = createMemoryLog()
    this.#log = {
      read: inner.read,
      append: async (entry) => {
        const answer = await inner.append(entry)
        if (answer === 'written') {
          this.referee.onRow(structuredClone(entry))
          await this.#checkTakeover(entry)
        }
        return answer
      },
    }
    // The store reads logs only to find out which rounds are over. It reads the referee's entries, which need not be copied.
    const read: RoundLog['read'] = async (roundId) => [...(this.referee.rounds.get(roundId)?.fold.entries ?? [])]
    this.#store = createMemoryLessonStore({ log: { ...inner, read }, now: time.now })
    this.#library = createLibrary({ prisma: standIn<PrismaClient>({}), builtIn: exercises, now: time.now })
    this.#lesson = drawLesson(time)
    this.#store.add(this.#lesson.rows)
    this.#bus = new Bus(time, this.#weather)
    const pickNode = () => {
      const there = [...this.#nodes.values()].filter(({ accepts }) => accepts)
      return there.length > 0 ? time.oneOf(there) : null
    }
    const deps = { time, weather: this.#weather, referee: this.referee, pickNode }
    this.#students = this.#lesson.students.map((name) => new Student(name, time.oneOf(CHARACTERS), deps))
    this.#teacher = new Teacher({ ...deps, lesson: this.#lesson, store: this.#store })
  }

  async run(): Promise<Violation | null> {
    const { time, referee } = this
    for (const name of ['north', 'south']) this.#startNode(name)
    for (const student of this.#students)
      time.schedule(time.between([0, 3_000]), `${student.name} comes`, () => student.end.connect())
    this.#teacher.start()
    this.#lull(time.chance(0.9) ? Math.ceil(time.random() * 4) : 0)
    this.#checkRegularly()
    while (!referee.violation && !this.#teacher.hasEnded) {
      if (!(await time.step())) referee.fail('every lesson ends', 'nothing happens any more')
      if (time.steps > MAX_STEPS || time.elapsed - this.#calmSince > MAX_CALM_MS)
        referee.fail('every lesson ends', `not after ${time.steps} steps and ${Math.round(time.elapsed / 60_000)} minutes`)
    }
    referee.checkSecrets()
    return referee.violation
  }

  #startNode(name: string): void {
    const node = new Node({
      name,
      time: this.time,
      weather: this.#weather,
      referee: this.referee,
      log: this.#log,
      store: this.#store,
      table: this.#table,
      library: this.#library,
      sessionId: this.#lesson.session.id,
      createClassroom: this.#options.createClassroom ?? createClassroom,
      send: (text) => this.#bus.send(name, text),
    })
    this.#nodes.set(name, node)
    this.#bus.join(node)
  }

  /** A period without storms. `storms`: how many storms are still to come. */
  #lull(storms: number): void {
    const { time } = this
    Object.assign(this.#weather, CLEAR)
    if (storms === 0) return this.#settle()
    const duration = time.between(LULL_MS)
    time.schedule(duration, 'a storm begins', () => this.#storm(storms - 1))
    for (let i = Math.floor(time.random() * 4); i > 0; i--)
      time.schedule(time.between([0, duration]), 'the bus fails', this.#cutBus)
    if (time.chance(0.3)) time.schedule(time.between([0, duration]), 'a node is updated', this.#stop)
  }

  #storm(storms: number): void {
    const { time } = this
    const duration = time.between(STORM_MS)
    Object.assign(this.#weather, {
      clearFrom: time.elapsed + duration + AFTERMATH_MS,
      delayMs: time.oneOf([
        [1, 40],
        [1, 800],
        [200, 3_000],
      ]),
      doubling: time.oneOf([0, 0.1, 0.3]),
      failing: time.oneOf([0, 0.1, 0.3]),
      storageMs: time.oneOf([
        [1, 10],
        [1, 500],
        [500, 6_000],
      ]),
    } satisfies Omit<Weather, 'busLosesUntil'>)
    for (let i = Math.ceil(time.random() * 6); i > 0; i--)
      time.schedule(
        time.between([0, duration]),
        'lightning',
        time.oneOf([this.#crash, this.#stop, this.#cutBus, this.#cutStudent, this.#cutStudent]),
      )
    time.schedule(duration, 'the storm ends', () => this.#lull(storms))
  }

  readonly #crash = (): void => {
    const { time } = this
    const node = time.oneOf([...this.#nodes.values()])
    if (!node.alive) return
    time.note(`${node.name} crashes`)
    node.crash()
    this.#bus.leave(node)
    time.schedule(time.between([500, 20_000]), `${node.name} starts again`, () => this.#startNode(node.name))
  }

  /** Stops a node as an update does, which may happen at any time. */
  readonly #stop = (): void => {
    const { time } = this
    const node = time.oneOf([...this.#nodes.values()])
    if (!node.accepts) return
    time.note(`${node.name} is to stop`)
    void node.stop().then((stopped) => {
      if (!stopped) return
      time.note(`${node.name} has stopped`)
      // Its last messages may have been lost. Other nodes find that out once they consider it dead.
      if (time.elapsed < this.#weather.busLosesUntil)
        this.#weather.clearFrom = Math.max(this.#weather.clearFrom, time.elapsed + AFTERMATH_MS)
      this.#bus.leave(node)
      time.schedule(time.between([500, 20_000]), `${node.name} starts again`, () => this.#startNode(node.name))
    })
  }

  readonly #cutBus = (): void => {
    const { time } = this
    const node = time.oneOf([...this.#nodes.values()])
    if (!node.alive) return
    // May be longer than the absence after which the partner takes over.
    const ms = time.chance(0.3) ? time.between([10_000, 150_000]) : time.between([500, 10_000])
    this.#bus.cut(node, ms, { silently: time.chance(0.5) })
  }

  readonly #cutStudent = (): void => {
    const { time } = this
    const student = time.oneOf(this.#students)
    const how = time.random()
    if (how < 0.5) student.end.cut()
    else if (how < 0.7) student.reload()
    else if (!student.away) {
      student.away = true
      student.end.leave()
      time.schedule(time.between([5_000, 150_000]), `${student.name} comes back`, () => this.#comeBack(student))
    }
  }

  #comeBack(student: Student): void {
    if (!student.away) return
    student.away = false
    student.end.connect()
    student.think()
  }

  /**
   * Called after the last storm: nothing fails any more. Most students come back; those who do not have a partner who stays, or
   * are replaced by the built-in one.
   */
  #settle(): void {
    const { time } = this
    this.#calmSince = time.elapsed
    this.#teacher.calm = true
    for (const student of this.#students) student.character = GOOD_CHARACTER
  }

  #checkRegularly(): void {
    this.time.schedule(CHECK_INTERVAL_MS, 'the referee looks', () => {
      this.#checkLateViews()
      void this.#checkStanding()
      this.#checkRegularly()
    })
  }

  /** In clear weather, every connected student must soon have all views of their seat. */
  #checkLateViews(): void {
    const { time, referee } = this
    const lateAfter = time.elapsed < this.#weather.busLosesUntil + LATE_BY_DATABASE_MS ? LATE_BY_DATABASE_MS : LATE_AFTER_MS
    for (const student of this.#students) {
      const { round, views, place } = student.page
      const truth = round && referee.rounds.get(round.id)
      const given = truth?.views[round!.seat].length ?? 0
      const known = this.#late.get(student)
      if (!round || views.length >= given || !student.end.connected || roundOf(place)?.id !== round.id) this.#late.delete(student)
      else if (known?.held !== views.length || known.round !== round.id)
        this.#late.set(student, { since: time.elapsed, held: views.length, round: round.id })
      else if (time.elapsed - Math.max(known.since, this.#weather.clearFrom) > lateAfter)
        referee.fail(
          'no view comes late',
          `${student.name} at ${student.end.node?.name} holds ${views.length} views of ${truth?.name} ${round.seat}, not ${given}`,
        )
    }
  }

  /**
   * A node must not take over the seat of somebody who is connected to a living node, whichever messages between nodes are lost.
   */
  async #checkTakeover({ roundId, actor, action }: Entry): Promise<void> {
    const { time, referee } = this
    if (actor !== 'system' || action.kind !== 'control') return
    const round = await this.#store.findRound(roundId)
    const who =
      action.control === 'free-wire' ? round?.networkId : action.control === 'takeover' ? round?.[`${action.seat}Id`] : undefined
    if (!who) return
    for (const { name, alive, connections } of this.#nodes.values())
      for (const { participant, since } of connections)
        if (alive && participant === who && time.elapsed - since > KNOWN_AFTER_MS)
          referee.fail('nobody who is there is taken over', `${who} has been at ${name} since ${Math.round(since / 1000)} s`)
  }

  /** Once nothing fails any more, each round must go on until it is over, and every created round must start. */
  async #checkStanding(): Promise<void> {
    const { time, referee } = this
    const isLong = (since: number) => time.elapsed - Math.max(since, this.#calmSince) > STUCK_AFTER_MS
    for (const { name, fold, movedAt } of referee.unfinished())
      if (isLong(movedAt)) referee.fail('somebody is to blame for a clock that stands', `${name}: ${blame(fold.world!)}`)
    for (const { pair, round, session } of await this.#store.findStudents(this.#lesson.students)) {
      const since = round && round.createdAt.getTime() - this.#lesson.session.createdAt.getTime()
      if (since !== null && !session.endedAt && !referee.rounds.has(round!.id) && isLong(since))
        referee.fail('somebody is to blame for a clock that stands', `a round of ${pair?.id} has not begun`)
    }
  }
}

/** Describes which action each seat still has to perform. */
const blame = (world: World): string =>
  world.over ??
  (world.paused
    ? 'paused'
    : SEATS.map(
        (seat) =>
          `${seat} (${world.seats[seat].player}): ${nextEngineAction(world, seat).kind}${world.seats[seat].waitRequested ? ', waits' : ''}`,
      ).join('; ') + `; on the wire: ${world.wire.map(({ due }) => due ?? 'stopped').join(', ') || 'nothing'}`)
