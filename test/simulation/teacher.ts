/**
 * The teacher: opens one exercise after the other, sometimes pauses a round, stops its wire or moves on early, and ends the
 * lesson.
 */
import type { ControlAction, WireAction } from '../../protocol/round/model/action.ts'
import { sceneOf } from '../../protocol/round/fold/current-scene.ts'
import type { Session } from '../../server/generated/prisma/client.ts'
import type { LessonStore } from '../../server/lessons/lesson-store.ts'
import { legOf, legsOf, playlistOf } from '../../server/lessons/session-rows.ts'
import type { DrawnLesson } from './lesson.ts'
import type { Node } from './node.ts'
import { Pipe, type Weather } from './network.ts'
import type { Referee } from './referee.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface TeacherDeps {
  readonly time: VirtualTime
  readonly weather: Weather
  readonly referee: Referee
  readonly lesson: DrawnLesson
  /** Read without delay, like the board. */
  readonly store: LessonStore
  readonly pickNode: () => Node | null
}

/** Virtual ms between two looks at the board. */
const LOOK_MS = [3_000, 9_000] as const

export class Teacher {
  /** If true, the teacher only follows the plan. */
  calm = false
  readonly #deps: TeacherDeps
  /** Rounds whose wire the teacher controls. */
  readonly #wires = new Set<string>()
  readonly #paused = new Set<string>()

  constructor(deps: TeacherDeps) {
    this.#deps = deps
  }

  start(): void {
    const { time } = this.#deps
    time.schedule(time.between(LOOK_MS), 'teacher looks', () => {
      void this.#look()
      this.start()
    })
  }

  /** Whether the lesson and all its rounds are over. */
  hasEnded = false

  async #look(): Promise<void> {
    const { lesson, store, time, referee } = this.#deps
    const { id: sessionId } = lesson.session
    const session = (await store.findSession(sessionId))!
    const { position, endedAt } = session
    const open = (at: number) => this.#ask(`open ${at}`, ({ classroom }) => classroom.playlist.openExercise(sessionId, at))
    const end = () => this.#ask('end', ({ classroom }) => classroom.playlist.endSession(sessionId))
    if (endedAt) {
      this.hasEnded = referee.unfinished().length === 0
      return void (this.hasEnded || end())
    }
    if (position === null) return open(0)
    const goesOn = (await this.#isPlayed(session)) || (!this.calm && time.chance(0.01))
    if (goesOn) return position + 1 === playlistOf(session).length ? end() : open(position + 1)
    // Opens the current position again, which starts any round of it that has not started.
    if (time.chance(0.1)) open(position)
    this.#steer()
  }

  /** Whether every pair has played all its legs. */
  async #isPlayed(session: Session): Promise<boolean> {
    const { lesson, store, referee } = this.#deps
    const students = await store.findStudents(lesson.pairs.map(({ firstId }) => firstId))
    return students.every(({ round }) => {
      const over = round && referee.rounds.get(round.id)?.fold.world?.over
      return over && (legOf(round) === legsOf(session) || (over !== 'goal' && over !== 'broken'))
    })
  }

  #steer(): void {
    const { time, referee } = this.#deps
    for (const { id, name, fold } of referee.unfinished()) {
      const control = (action: ControlAction | WireAction) => {
        const what = action.kind === 'control' ? action.control : action.wire
        this.#ask(`${what} ${name}`, ({ classroom }) => classroom.rounds.control(id, action, 'teacher'))
      }
      const world = fold.world!
      if (this.#paused.has(id) || world.paused) {
        if (world.paused && (this.calm || time.chance(0.5))) control({ kind: 'control', control: 'resume' })
        if (!world.paused) this.#paused.delete(id)
      } else if (!this.calm && time.chance(0.05)) {
        this.#paused.add(id)
        control({ kind: 'control', control: 'pause' })
      }
      if (this.#wires.has(id)) {
        const lying = world.wire.find(({ due }) => due === null)
        if (lying)
          control({
            kind: 'wire',
            wire: this.calm ? 'pass' : time.oneOf(['pass', 'drop'] as const),
            segment: lying.id,
          })
        if (this.calm || time.chance(0.3)) {
          if (!world.script.network) control({ kind: 'control', control: 'free-wire' })
          if (!world.wireStopped || world.script.network) this.#wires.delete(id)
        }
      } else if (!this.calm && sceneOf(world).wire === undefined && time.chance(0.03)) {
        // Not in exercises that lose segments themselves: if the teacher passed such a segment, the goal could become
        // unreachable.
        this.#wires.add(id)
        control({ kind: 'control', control: 'stop-wire' })
      } else if (world.wireStopped && !world.script.network) this.#wires.add(id)
    }
  }

  /** Sends a request, which may be lost or arrive twice. The teacher sees its result only on the board. */
  #ask(what: string, work: (node: Node) => Promise<void>): void {
    const { time, weather, pickNode } = this.#deps
    const node = pickNode()
    if (!node || time.chance(weather.failing / 2)) return
    new Pipe(time, weather, `teacher–${node.name}`).send(what, () => {
      if (node.alive) work(node).catch(() => {})
    })
  }
}
