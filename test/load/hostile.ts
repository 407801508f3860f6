/**
 * Measures what clients that try to exhaust the server do to a lesson: pairs act at a steady pace while one attack after another runs.
 * The aim: the pairs' p99 stays within twice its value without an attack, and the server's memory within bounds. If the system can pin
 * processes (Linux), the server has one core, the lesson and the attackers another.
 */
import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import type { ClientToServer, ServerToClient, SocketAuth } from '../../contract/events.ts'
import { WIRE_VERSION } from '../../contract/wire-version.ts'
import type { Joined, SessionInfo } from '../../contract/answers.ts'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import { SYN } from '../../protocol/segment.ts'
import { ROOT } from '../../server/base/root.ts'
import { BUILT, buildBench, isPinned } from './processes.ts'
import { END, USED, type AttackEnded, type HostileListening, type Used } from './messages.ts'

export interface Options {
  /** Seconds of each measurement. */
  readonly seconds: number
}

const ATTACKS = [
  'long rounds, not read',
  'long rounds, read',
  'floods of events',
  'connections without a greeting',
  'bodies that do not come',
  'answers over HTTP, not read',
  'floods of requests',
]

/** Together about 300 acts a second, which is below the limit of their one address. */
const PAIRS = 20
/** Real ms between two acts of one student. */
const PACE_MS = 133
/** The pairs' p99 under attack is to be at most so many times that without one. */
const AIM = 2
/** Real ms until the code is compiled by the JIT. */
const WARM_UP = 5_000

const pin = (pid: number | undefined, core: number) => void (isPinned && spawnSync('taskset', ['-acp', String(core), String(pid)]))

export async function benchHostile({ seconds }: Options): Promise<void> {
  await buildBench()
  const folder = mkdtempSync(join(tmpdir(), 'handshake-bench-'))
  const server = start(join(BUILT, 'hostile-server.js'), [join(folder, 'data')], 0)
  pin(process.pid, 1)
  try {
    const { url, token } = await said<HostileListening>(server)
    const lesson = await Lesson.open(url, token)
    await lesson.measure(WARM_UP)
    console.log(
      `\nA lesson of ${PAIRS} pairs under attack; ${seconds} s each${isPinned ? '; the server on a core of its own' : ''}`,
    )
    console.log(
      'attack                             acts   failed    p50 ms    p99 ms   of the quiet   server busy   memory MB   connections ended   aim',
    )
    const quiet = await measure(server, lesson, seconds)
    print('none', quiet, quiet, 0)
    for (const attack of ATTACKS) {
      const attackers = start(join(ROOT, 'test/load/attackers.ts'), [url, attack], 1)
      await said(attackers)
      const measured = await measure(server, lesson, seconds)
      const { cut } = await ask<AttackEnded>(attackers, END)
      await end(attackers)
      print(attack, measured, quiet, cut)
      await lesson.measure(3_000) // what is left of the attack ends
    }
    print('none, afterwards', await measure(server, lesson, seconds), quiet, 0)
    lesson.close()
  } finally {
    await end(server)
    rmSync(folder, { recursive: true })
  }
}

interface Measured {
  readonly acts: number
  readonly failed: number
  readonly p50: number
  readonly p99: number
  /** The most memory that the server process has occupied, in octets. */
  readonly rss: number
  /** The share of a core that the server process has used. */
  readonly busy: number
}

async function measure(server: ChildProcess, lesson: Lesson, seconds: number): Promise<Measured> {
  let rss = 0
  const before = await ask<Used>(server, USED)
  const began = performance.now()
  const watch = setInterval(() => void ask<Used>(server, USED).then((used) => (rss = Math.max(rss, used.rss))), 500)
  const { latencies, failed } = await lesson.measure(seconds * 1000)
  clearInterval(watch)
  const { cpu } = await ask<Used>(server, USED)
  const busy = (cpu - before.cpu) / 1000 / (performance.now() - began)
  const sorted = [...latencies].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN
  return { acts: sorted.length, failed, p50: at(0.5), p99: at(0.99), rss, busy }
}

function print(name: string, { acts, failed, p50, p99, rss, busy }: Measured, quiet: Measured, cut: number): void {
  console.log(
    [
      name.padEnd(31),
      String(acts).padStart(7),
      String(failed).padStart(8),
      p50.toFixed(1).padStart(9),
      p99.toFixed(1).padStart(9),
      (p99 / quiet.p99).toFixed(2).padStart(14),
      `${(100 * busy).toFixed(0)} %`.padStart(12),
      (rss / 1e6).toFixed(0).padStart(11),
      String(cut).padStart(19),
      (failed === 0 && p99 <= AIM * quiet.p99 ? 'met' : 'missed').padStart(8),
    ].join(' '),
  )
}

/** A segment that is refused: an act like any other, and the round goes on for ever. */
const REFUSED: SeatAction = { kind: 'send', segment: { bits: SYN, seq: '77', ack: '', length: 0 }, state: 'ESTABLISHED' }

/** Pairs of students who act at a steady pace, whatever becomes of the act before. */
class Lesson {
  readonly #students: readonly Student[]
  readonly #teacher: Socket

  private constructor(students: readonly Student[], teacher: Socket) {
    this.#students = students
    this.#teacher = teacher
  }

  /** Opens a session with its teacher's board, pairs everybody and opens the exercise. */
  static async open(url: string, token: string): Promise<Lesson> {
    let teacherCookie = ''
    const ask = async <T>(path: string, body: object, cookie = teacherCookie): Promise<{ body: T; cookie: string }> => {
      const headers = { 'content-type': 'application/json', cookie }
      const answer = await fetch(`${url}/api/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
      const set = answer.headers.getSetCookie().map((line) => line.split(';')[0])
      return { body: (await answer.json()) as T, cookie: set.join('; ') }
    }
    teacherCookie = (await ask('teacher/link', { token })).cookie
    const wanted = { title: 'Attacked', level: 'guided', playlist: ['handshake'], swap: false }
    const { body: session } = await ask<SessionInfo>('sessions', wanted)
    const students: Student[] = []
    for (let i = 0; i < 2 * PAIRS; i++) {
      const { body: joined, cookie } = await ask<Joined>('join', { code: session.code, name: `Student ${i}` }, '')
      students.push(new Student(url, joined.participant.id, cookie))
    }
    await Promise.all(students.map((student) => student.connected))
    const teacher = io(url, {
      auth: { teacher: true, wire: WIRE_VERSION },
      transports: ['websocket'],
      extraHeaders: { cookie: teacherCookie },
    })
    await teacher.emitWithAck('watch', { session: session.id })
    await ask(`sessions/${session.id}/pairing`, { odd: 'built-in' })
    await ask(`sessions/${session.id}/position`, { position: 0 })
    await Promise.all(students.map((student) => student.playing))
    return new Lesson(students, teacher)
  }

  /** Acts for so many ms. `latencies`: of the acts that were answered, in ms. `failed`: those that were not, or with an error. */
  async measure(ms: number): Promise<{ latencies: readonly number[]; failed: number }> {
    const latencies: number[] = []
    let failed = 0
    const until = performance.now() + ms
    await Promise.all(
      this.#students.map(async (student, i) => {
        await delay((PACE_MS * i) / this.#students.length)
        while (performance.now() < until) {
          const began = performance.now()
          if (await student.act()) latencies.push(performance.now() - began)
          else failed++
          await delay(Math.max(0, began + PACE_MS - performance.now()))
        }
      }),
    )
    return { latencies, failed }
  }

  close(): void {
    for (const student of this.#students) student.close()
    this.#teacher.disconnect()
  }
}

class Student {
  readonly #socket: Socket<ServerToClient, ClientToServer>
  readonly #id: string
  #round = ''
  #seen = 1
  #acts = 0
  readonly connected: Promise<void>
  readonly playing: Promise<void>

  constructor(url: string, id: string, cookie: string) {
    this.#id = id
    this.#socket = io(url, {
      auth: { participant: id, wire: WIRE_VERSION } satisfies SocketAuth,
      transports: ['websocket'],
      forceNew: true,
      extraHeaders: { cookie },
    })
    this.connected = new Promise((resolve) => this.#socket.once('place', () => resolve()))
    this.playing = new Promise((resolve) =>
      this.#socket.on('place', ({ round }) => {
        if (!round) return
        this.#round = round.id
        resolve()
      }),
    )
    this.#socket.on('view', ({ view }) => (this.#seen = view.n))
  }

  /** Whether the act has been answered with its view. */
  async act(): Promise<boolean> {
    const act = { round: this.#round, id: `${this.#id.slice(0, 8)}-${this.#acts++}`, seen: this.#seen, action: REFUSED }
    const reply = await this.#socket
      .timeout(10_000)
      .emitWithAck('act', act)
      .catch(() => null)
    if (!reply?.ok) return false
    this.#seen = reply.views.at(-1)?.n ?? this.#seen
    return true
  }

  close(): void {
    this.#socket.disconnect()
  }
}

function start(file: string, args: readonly string[], core: number): ChildProcess {
  const started = fork(file, args, { execArgv: file.endsWith('.ts') ? ['--import', 'tsx'] : [] })
  pin(started.pid, core)
  return started
}

function said<T>(process: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const failed = (code: number | null) => reject(new Error(`a process of the bench ended with ${code}`))
    process.once('exit', failed)
    process.once('message', (message) => {
      process.off('exit', failed)
      resolve(message as T)
    })
  })
}

function ask<T>(process: ChildProcess, question: string): Promise<T> {
  const answer = said<T>(process)
  process.send(question)
  return answer
}

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null) return
  const gone = new Promise((resolve) => process.once('exit', resolve))
  process.disconnect()
  await gone
}
