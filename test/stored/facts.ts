/**
 * What a round means, in plain facts: read from its rows as the server reads them, and told without the names of the program's own types, so
 * that they may change while the facts stay.
 */
import { createHash } from 'node:crypto'
import { sentenceOf } from '../../client/src/debrief/sentences.ts'
import { stepsOf } from '../../client/src/debrief/steps.ts'
import { loadExercises, textsOf } from '../../exercises/load.ts'
import type { Entry } from '../../protocol/world/action.ts'
import { SEATS, type Seat } from '../../protocol/world/exercise.ts'
import { captureOf } from '../../protocol/world/packets.ts'
import { partnerMove } from '../../protocol/world/partner.ts'
import { POINT, score } from '../../protocol/world/score.ts'
import type { World } from '../../protocol/world/world.ts'
import { tileOf } from '../../server/board.ts'
import { alone } from '../../server/cluster.ts'
import type { PrismaClient, Round } from '../../server/generated/prisma/client.ts'
import { createLibrary, referenceTo } from '../../server/library.ts'
import { createPostgresLog } from '../../server/log-postgres.ts'
import { createRooms } from '../../server/rooms.ts'
import { createScores } from '../../server/scores.ts'

/** The server on a database, as far as it reads rounds. Nothing happens in them by itself. */
export function openRounds(prisma: PrismaClient) {
  const library = createLibrary({ prisma, builtIn: loadExercises('exercises'), now: () => new Date() })
  const log = createPostgresLog(prisma)
  const rooms = createRooms({
    log,
    now: () => new Date(),
    after: () => () => {},
    cluster: alone(),
    publish: () => {},
    texts: async ({ exercise: id, version }) => textsOf(await library.played(referenceTo({ id, version }))),
  })

  return {
    entries: (round: string): Promise<readonly Entry[]> => rooms.entries(round),

    /** The title of what a round played; undefined where the texts cannot be found any more. */
    title: async ({ exercise }: Pick<Round, 'exercise'>) => (await library.played(exercise))?.title.en,

    async facts(round: Round) {
      const entries = await rooms.entries(round.id)
      const world = await rooms.world(round.id)
      if (!world) throw new Error(`round ${round.id} has no entries`)
      const views = {
        client: await rooms.views(round.id, 'client', 0),
        server: await rooms.views(round.id, 'server', 0),
        network: await rooms.views(round.id, 'network', 0),
      }
      const steps = stepsOf(entries)
      const capture = captureOf(entries)
      return {
        exercise: round.exercise,
        level: world.script.level,
        entries: entries.length,
        over: world.over,
        paused: world.paused,
        clock: world.clock,
        scene: world.script.scenes[world.scene]?.id,
        segments: world.segments,
        underway: world.wire.map(({ id }) => id),
        client: { ...seatFacts(world, 'client'), views: viewFacts(views.client) },
        server: { ...seatFacts(world, 'server'), views: viewFacts(views.server) },
        network: viewFacts(views.network),
        debrief: { steps: steps.length, silent: steps.filter((step) => sentenceOf(step) === '').length },
        tile: tileFacts(round, world, entries),
        capture: { octets: capture.length, sha256: createHash('sha256').update(capture).digest('hex') },
      }
    },

    /** The lines of a session's points. */
    scores: async (session: string) =>
      (await createScores({ prisma, rounds: rooms })(session)).csv.replace('\ufeff', '').split('\r\n'),

    /** Plays a round on, both seats as the built-in partner would. Gives how it ended. */
    async playOn(round: string) {
      for (let act = 0; act < 200; act++) {
        const world = await rooms.world(round)
        if (!world || world.over) break
        for (const seat of SEATS) {
          const move = partnerMove(world, seat, { style: 'exact', pace: 'at-once' })
          if (!move) continue
          await rooms.act(round, seat, { id: `played-on-${act}`, seen: world.seats[seat].views, action: move.action })
          break
        }
      }
      return (await rooms.world(round))?.over
    },

    async close() {
      await rooms.close()
      await log.close()
    },
  }
}

function seatFacts(world: World, seat: Seat) {
  const { tcb, due, called, stream, wrote, read, tls, strangers } = world.hosts[seat]
  const { player, said, milestones, tries, useless, excused, lodged, events } = world.seats[seat]
  const { eighths, of } = score(world, seat)
  return {
    tcb: {
      state: tcb.state,
      iss: tcb.iss,
      irs: tcb.irs,
      snd: { una: tcb.snd.una, nxt: tcb.snd.nxt, wnd: tcb.snd.wnd },
      rcv: { nxt: tcb.rcv.nxt, wnd: tcb.rcv.wnd },
      queued: tcb.queued,
      owes: tcb.owes.map(({ kind }) => kind),
      timers: due,
    },
    application: {
      called: called.map(({ call }) => call),
      octets: stream.length / 2,
      wrote: wrote.map(({ name }) => name),
      read,
      ...(tls ? { said: tls.said.length / 2, heard: tls.heard.length / 2 } : {}),
      strangers: strangers.length,
    },
    player,
    said,
    tries,
    useless,
    excused,
    waits: lodged,
    unsettled: events.length,
    score: `${eighths / POINT} of ${of / POINT}`,
    milestones: milestones.map(({ id, status, charged, hints }) => `${id}: ${status}, ${charged} eighths, ${hints} hints`),
  }
}

/** How many there are, whether any number is missing, and how many of them tell what. */
function viewFacts(views: readonly { readonly n: number; readonly event: object }[]) {
  const told: Record<string, number> = {}
  for (const { event } of views) for (const what of Object.keys(event)) told[what] = (told[what] ?? 0) + 1
  return { count: views.length, gaps: views.filter(({ n }, i) => n !== i + 1).length, told }
}

function tileFacts(round: Round, world: World, entries: readonly Entry[]) {
  const { sessionId: session, clientId: client, serverId: server, networkId: network } = round
  const leg = round.leg === 2 ? 2 : 1
  const pair = { pair: round.pairId, number: 1, members: [] }
  const tile = tileOf({ id: round.id, session, pair, leg, legs: leg, client, server, network }, world, entries)
  const { states, progress, last } = tile
  const seats = SEATS.map((seat) => `${seat} ${states[seat]} ${progress[seat].met} of ${progress[seat].of}`)
  return {
    seats,
    arrows: tile.arrows,
    refusals: tile.refusals,
    last: last && `${last.seat} ${last.field} ${last.given} ${last.misconception}`,
    since: tile.since,
    finished: tile.finished,
  }
}
