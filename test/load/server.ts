/**
 * The server under load, in a separate process.
 *
 * - `classroom`: the sockets, live rounds, log and PostgreSQL of the product. The lesson is a stand-in that gives each pair
 *   another round when it has finished one.
 * - `relay`: a bare Socket.IO server that answers and forwards the same number of messages, and neither judges nor writes. Its
 *   messages still have the sizes from when the classroom sent whole views, 1.0 kB to the sender and 0.8 kB to the partner
 *   (`reference-messages.json`): smaller ones would make the reference cheaper as well.
 * - `writing relay`: the same, but it writes the same rows to the same log before it answers.
 *
 * Arguments: the kind of server, and an empty directory for the database.
 */
import type { Act } from '../../contract/events.ts'
import type { Seat } from '../../protocol/seat.ts'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import type { Place, RoundPlace } from '../../contract/places.ts'
import { buildApp } from '../../server/app.ts'
import { readConfig } from '../../server/base/config.ts'
import { newId } from '../../server/base/ids.ts'
import type { LiveLimits } from '../../server/base/limits.ts'
import type { Rate } from '../../server/base/token-bucket.ts'
import type { Auth } from '../../server/identity/auth.ts'
import type { LessonStore } from '../../server/lessons/lesson-store.ts'
import type { Lessons } from '../../server/lessons/lessons.ts'
import { openDatabase, type Database } from '../../server/database/open.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import { exercises } from '../support/exercises.ts'
import { standIn } from '../support/stand-in.ts'
import { ACTS, recordRound, SCRIPT } from './exchange.ts'
import reference from './reference-messages.json' with { type: 'json' }
import { answerUse, participant, type Listening, type ServerKind } from './messages.ts'

// Before the first `await`: what follows it is not initialised yet when `classroom` runs.
const ANY: Rate = { burst: 1e9, perSecond: 1e9 }
/** All of the load comes from one address, as fast as it is answered. */
const UNLIMITED: Partial<LiveLimits> = {
  events: ANY,
  eventsPerAddress: ANY,
  messages: ANY,
  bytesIn: ANY,
  connectsPerAddress: ANY,
  maxConnectionsPerAddress: Infinity,
}

const [kind, directory] = process.argv.slice(2) as [ServerKind, string]
const database = kind === 'relay' ? null : await openDatabase({ dataDir: directory, databaseUrl: null })
const log = database && createPostgresLog(database)
const server = database && log && kind === 'classroom' ? await classroom(database, log) : await relay(log)
const stop = async () => {
  await server.close()
  await log?.close()
  await database?.close()
}

answerUse()
process.once('disconnect', () => void stop().then(() => process.exit()))
process.send?.({ url: server.url } satisfies Listening)

/** The pair and the seat of a participant's id, such as `pair-7.client`. */
function who(id: string): { pair: number; seat: Seat } {
  const [, pair, seat] = /^pair-(\d+)\.(client|server)$/.exec(id) ?? []
  return { pair: Number(pair), seat: seat as Seat }
}

/** The id of a pair's round, as long as the product's ids. */
const roundId = (pair: number, number: number): string => `${pair}-${number}`.padEnd(newId().length, '-')
const pairOf = (round: string): number => Number(round.split('-')[0])

function placeIn(round: string, id: string, seat: Seat): Place {
  const text = { en: '', zh: '' }
  const exercise: RoundPlace['exercise'] = { id: 'bench', title: text, point: text, scenes: [] }
  return {
    me: { id, name: id, hand: false, member: false },
    session: {
      id: 'bench',
      code: 'BENCH',
      title: '',
      level: 'guided',
      ended: false,
      practice: false,
      position: 0,
      exercises: 1,
      waiting: 0,
      pausedAt: null,
      deadlineAt: null,
      announcement: '',
    },
    message: '',
    waiting: null,
    wire: null,
    replay: null,
    partner: null,
    round: { id: round, seat, leg: 1, legs: 1, level: 'guided', notation: 'relative', exercise },
  }
}

async function relay(log: RoundLog | null): Promise<{ url: string; close: () => Promise<void> }> {
  const round = await recordRound()
  const http = createServer()
  const io = new Server(http, { serveClient: false, transports: ['websocket'], perMessageDeflate: false })
  const played = new Map<number, number>()

  io.on('connection', (socket) => {
    const id = (socket.handshake.auth as { participant: string }).participant
    const { pair, seat } = who(id)
    const live = `pair-${pair}`
    const tellPlace = () => socket.emit('place', placeIn(roundId(pair, Math.floor((played.get(pair) ?? 0) / ACTS)), id, seat))
    void socket.join(live)
    tellPlace()
    socket.on('act', async (act: Act, reply: (answer: unknown) => void) => {
      const k = played.get(pair) ?? 0
      played.set(pair, k + 1)
      const { entry } = round[k % ACTS]!
      if (log) await log.append({ ...entry, roundId: act.round })
      reply({ ok: true, views: [{ ...reference.own, n: k + 2 }] })
      socket.to(live).emit('view', { round: act.round, view: { ...reference.partner, n: k + 2 } })
      if ((k + 1) % ACTS === 0) io.to(live).emit('place', placeIn(roundId(pair, (k + 1) / ACTS), id, seat))
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => io.close() }
}

/** The product's node with a stand-in for the lesson, which gives each pair another round when it has finished one. */
async function classroom(database: Database, log: RoundLog): Promise<{ url: string; close: () => Promise<void> }> {
  const played = new Map<number, number>()
  const roundOf = (pair: number) => roundId(pair, played.get(pair) ?? 0)

  const node = await buildApp(
    // All connections come from one address, as through a proxy.
    { config: { ...readConfig({ TRUST_PROXY: '127.0.0.1' }), host: '127.0.0.1' }, prisma: database.prisma, log, exercises },
    {
      report: console.error,
      limits: UNLIMITED,
      auth: standIn<Auth>({
        authenticate: async (_cookies, auth) => ({
          kind: 'participant',
          id: (auth as { participant: string }).participant,
          session: 'bench',
        }),
      }),
      access: { authorize: async (principal) => ({ ok: true, seat: principal && who(principal.id).seat }) },
      lessons: standIn<Lessons>({
        async readPlaces(ids) {
          return Promise.all(
            ids.map(async (id) => {
              const { pair, seat } = who(id)
              if (!played.has(pair)) {
                played.set(pair, 0)
                await node.rounds.start(roundOf(pair), SCRIPT)
              }
              return placeIn(roundOf(pair), id, seat)
            }),
          )
        },
        readRound: async () => null,
        readPartnerId: async () => null,
      }),
      store: standIn<LessonStore>({ findRound: async () => null }),
    },
  )
  const startRound = async (pair: number) => {
    await node.rounds.start(roundOf(pair), SCRIPT)
    node.cluster.publish('places', [participant(pair, 'client'), participant(pair, 'server')])
  }
  node.rounds.subscribe(({ entry }) => {
    if (entry.index < ACTS) return
    const pair = pairOf(entry.roundId)
    played.set(pair, (played.get(pair) ?? 0) + 1)
    startRound(pair).catch(() => {}) // The server is stopping.
  })
  return { url: await node.http.listen({ host: '127.0.0.1', port: 0 }), close: () => node.http.close() }
}
