/**
 * The server under load, in a process of its own.
 *
 * - `classroom`: the sockets, rooms, log and PostgreSQL of the product; the lesson around them is a stand-in that gives each pair
 *   another round when it has played one.
 * - `relay`: a bare Socket.IO server that answers and passes on messages of the same number and size, and neither judges nor writes.
 * - `writing relay`: the same, and before it answers it has written the same rows to the same log.
 *
 * Arguments: the kind, and an empty directory for the database.
 */
import type { Seat } from '../../protocol/seat.ts'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import type { Act, Place, RoundPlace } from '../../contract/events.ts'
import { createLocalCluster } from '../../server/nodes/cluster.ts'
import { openDatabase } from '../../server/database/open.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import { createPresence } from '../../server/nodes/presence.ts'
import { createRounds, type Rounds } from '../../server/rounds/rounds.ts'
import { createSockets } from '../../server/live/sockets.ts'
import { ACTS, recordRound, SCRIPT } from './exchange.ts'
import { answerCpu, participant, type Listening, type ServerKind } from './messages.ts'

const [kind, directory] = process.argv.slice(2) as [ServerKind, string]
const http = createServer()
const database = kind === 'relay' ? null : await openDatabase({ dataDir: directory, databaseUrl: null })
const log = database && createPostgresLog(database.prisma)
const stopServer = kind === 'classroom' ? classroom(log!) : await relay(log)
const stop = async () => {
  await stopServer()
  await log?.close()
  await database?.close()
}

answerCpu()
process.once('disconnect', () => void stop().then(() => process.exit()))
http.listen(0, '127.0.0.1', () => {
  const { port } = http.address() as AddressInfo
  process.send?.({ url: `http://127.0.0.1:${port}` } satisfies Listening)
})

/** Whose socket this is: `pair-7.client`. */
function who(id: string): { pair: number; seat: Seat } {
  const [, pair, seat] = /^pair-(\d+)\.(client|server)$/.exec(id) ?? []
  return { pair: Number(pair), seat: seat as Seat }
}

function placeIn(round: string, id: string, seat: Seat): Place {
  const text = { en: '', zh: '' }
  const exercise: RoundPlace['exercise'] = { id: 'bench', title: text, point: text, scenes: [] }
  return {
    me: { id, name: id },
    session: {
      id: 'bench',
      code: 'BENCH',
      title: '',
      level: 'guided',
      ended: false,
      practice: false,
      position: 0,
      exercises: 1,
      present: 0,
    },
    waiting: null,
    wire: null,
    replay: null,
    partner: null,
    round: { id: round, seat, leg: 1, legs: 1, level: 'guided', notation: 'relative', exercise },
  }
}

async function relay(log: RoundLog | null): Promise<() => Promise<void>> {
  const round = await recordRound()
  const io = new Server(http, { serveClient: false, transports: ['websocket'], perMessageDeflate: false })
  const played = new Map<number, number>()

  io.on('connection', (socket) => {
    const id = (socket.handshake.auth as { participant: string }).participant
    const { pair, seat } = who(id)
    const room = `pair-${pair}`
    const tellPlace = () => socket.emit('place', placeIn(`${room}-${Math.floor((played.get(pair) ?? 0) / ACTS)}`, id, seat))
    void socket.join(room)
    tellPlace()
    socket.on('act', async (act: Act, reply: (answer: unknown) => void) => {
      const k = played.get(pair) ?? 0
      played.set(pair, k + 1)
      const { entry, own, partner } = round[k % ACTS]!
      if (log) await log.append({ ...entry, roundId: act.round })
      reply({ ok: true, views: own })
      socket.to(room).emit('view', { round: act.round, view: partner })
      if ((k + 1) % ACTS === 0) io.to(room).emit('place', placeIn(`${room}-${(k + 1) / ACTS}`, id, seat))
    })
  })
  return () => io.close()
}

function classroom(log: RoundLog): () => Promise<void> {
  const now = () => new Date()
  const cluster = createLocalCluster()
  const presence = createPresence({ cluster, now })
  const played = new Map<number, number>()
  const roundOf = (pair: number) => `pair-${pair}-${played.get(pair) ?? 0}`

  const startRound = async (pair: number) => {
    await rooms.start(roundOf(pair), SCRIPT)
    cluster.publish('places', [participant(pair, 'client'), participant(pair, 'server')])
  }
  const rooms: Rounds = createRounds({
    log,
    now,
    cluster,
    publish(news) {
      sockets.deliver(news)
      if (news.entry.index < ACTS) return
      const { pair } = who(`${news.entry.roundId.replace(/-\d+$/, '')}.client`)
      played.set(pair, (played.get(pair) ?? 0) + 1)
      startRound(pair).catch(() => {}) // the server is stopping
    },
    hasListeners: (round) => sockets.hasListeners(round),
  })
  const nothing = () => Promise.reject(new Error('the bench asks for no such thing'))
  const sockets = createSockets({
    server: http,
    baseUrl: null,
    cluster,
    presence,
    rounds: rooms,
    now,
    report: console.error,
    rate: { burst: Infinity, perSecond: Infinity },
    auth: {
      authenticate: async (_cookies, auth) => ({
        kind: 'participant',
        id: (auth as { participant: string }).participant,
        session: 'bench',
      }),
    },
    access: { authorize: async (principal) => ({ ok: true, seat: principal && who(principal.id).seat }) },
    lessons: {
      async readPlaces(ids) {
        return Promise.all(
          ids.map(async (id) => {
            const { pair, seat } = who(id)
            if (!played.has(pair)) {
              played.set(pair, 0)
              await rooms.start(roundOf(pair), SCRIPT)
            }
            return placeIn(roundOf(pair), id, seat)
          }),
        )
      },
      readRound: async () => null,
      readPartnerId: async () => null,
      advance: async () => {},
      readSession: nothing,
      readTiles: nothing,
      readParticipants: nothing,
      readBoard: nothing,
    },
  })
  return () => sockets.close()
}
