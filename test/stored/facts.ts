/**
 * The meaning of a stored round as plain facts. They are read from its rows as the server reads them, and described without the
 * names of the program's types, so that those may change while the facts stay the same.
 */
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { createHash } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { describeStep } from '../../client/src/timeline/step-texts.ts'
import { buildReplaySteps } from '../../client/src/timeline/replay-steps.ts'
import { readTimeline } from '../../protocol/round/fold/timeline.ts'
import { loadExercises, findTexts } from '../../exercises/load.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { exportCapture } from '../../protocol/round/export/capture-file.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import { toShownAction } from '../../protocol/round/view/opaque-ids.ts'
import { POINT_EIGHTHS, computeScore } from '../../protocol/round/fold/score.ts'
import { projectSeatView } from '../../protocol/round/view/project-seat-view.ts'
import { projectWireView, type WireView } from '../../protocol/round/view/wire-view.ts'
import { mergeViews } from '../support/views.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { buildTileRound } from '../../server/lessons/tiles.ts'
import type { DatabaseClients } from '../../server/database/open.ts'
import { createLocalCluster } from '../../server/nodes/cluster.ts'
import type { Round } from '../../server/generated/prisma/client.ts'
import { createLibrary, formatReference } from '../../server/lessons/library.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import { createRounds } from '../../server/rounds/rounds.ts'
import { createScoreExport } from '../../server/lessons/scores.ts'

/** The parts of the server that read rounds, on a database. Nothing happens in the rounds by itself. */
export function openRounds(database: Pick<DatabaseClients, 'prisma' | 'pool'>) {
  const { prisma } = database
  const library = createLibrary({ prisma, builtIn: loadExercises('exercises'), now: () => new Date() })
  const log = createPostgresLog(database)
  const readTexts = async ({ exercise: id, version }: Script) =>
    findTexts(await library.findByReference(formatReference({ id, version })), version)
  const liveRounds = createRounds({
    log,
    now: () => new Date(),
    after: () => () => {},
    cluster: createLocalCluster(),
    tls: TLS_TOOLS,
    texts: readTexts,
  })

  return {
    entries: (round: string): Promise<readonly Entry[]> => liveRounds.readEntries(round),

    /** The title of the exercise that a round played; undefined if its texts cannot be found any more. */
    title: async ({ exercise }: Pick<Round, 'exercise'>) => (await library.findByReference(exercise))?.title.en,

    async facts(round: Round) {
      const entries = await liveRounds.readEntries(round.id)
      const world = await liveRounds.readWorld(round.id)
      if (!world) throw new Error(`round ${round.id} has no entries`)
      const views = {
        client: await liveRounds.readViews(round.id, 'client', 0),
        server: await liveRounds.readViews(round.id, 'server', 0),
        network: world.script.network ? await liveRounds.readViews(round.id, 'network', 0) : projectWireViews(entries),
      }
      const steps = buildReplaySteps(readTimeline(entries))
      const capture = exportCapture(entries)
      return {
        exercise: round.exercise,
        level: world.script.level,
        entries: entries.length,
        over: world.over,
        paused: world.paused,
        clock: world.clock,
        scene: world.script.scenes[world.sceneIndex]?.id,
        segments: world.segmentCount,
        underway: world.wire.map(({ id }) => id),
        client: { ...seatFacts(world, 'client'), views: viewFacts(views.client) },
        server: { ...seatFacts(world, 'server'), views: viewFacts(views.server) },
        network: viewFacts(views.network),
        debrief: { steps: steps.length, silent: steps.filter((step) => describeStep(step) === '').length },
        tile: tileFacts(round, world, entries),
        capture: { octets: capture.length, sha256: createHash('sha256').update(capture).digest('hex') },
      }
    },

    /** A seat's views, as a page makes them from the updates that it receives, and as derived from the log. */
    async views({ id }: Round, seat: Seat) {
      const timeline = readTimeline(await liveRounds.readEntries(id))
      const texts = timeline[0] && (await readTexts(timeline[0].after.script))
      return {
        merged: mergeViews(await liveRounds.readViews(id, seat, 0)),
        made: texts ? timeline.flatMap((read) => projectSeatView(read, seat, texts) ?? []) : [],
      }
    },

    /**
     * The lines of a session's score export. Cells are quoted only where necessary, because versions differ in which other cells
     * they quote.
     */
    scores: async (session: string) =>
      stringify(parse((await createScoreExport({ prisma, rounds: liveRounds })(session)).csv, { bom: true })).split('\n'),

    /** Plays a round on, both seats as the built-in partner would. Returns how it ended. */
    async playOn(round: string) {
      for (let act = 0; act < 200; act++) {
        const world = await liveRounds.readWorld(round)
        if (!world || world.over) break
        for (const seat of SEATS) {
          const move = choosePartnerMove(world, seat, { style: 'exact', pace: 'at-once' })
          if (!move) continue
          await liveRounds.act(round, seat, {
            id: `played-on-${act}`,
            seen: world.seats[seat].viewCount,
            action: toShownAction(world.script, seat, move.action),
          })
          break
        }
      }
      return (await liveRounds.readWorld(round))?.over
    },

    async close() {
      await liveRounds.close()
      await log.close()
    },
  }
}

/** What a network seat would see of a round that has none, for which the server makes no views. */
const projectWireViews = (entries: readonly Entry[]): readonly WireView[] =>
  readTimeline(entries)
    .flatMap((read) => projectWireView(read) ?? [])
    .map((body, i) => ({ n: i + 1, ...body }))

function seatFacts(world: World, seat: Seat) {
  const { tcb, timerDeadlines, called, stream, writtenMessages, readMessages, tls, strangers } = world.hosts[seat]
  const { player, claimedState, milestones, triedFields, uselessActsInRow, excusedMisconceptions, waitRequested, openEvents } =
    world.seats[seat]
  const { eighths, of } = computeScore(world, seat)
  return {
    tcb: {
      state: tcb.state,
      iss: tcb.iss,
      irs: tcb.irs,
      snd: { una: tcb.snd.una, nxt: tcb.snd.nxt, wnd: tcb.snd.wnd },
      rcv: { nxt: tcb.rcv.nxt, wnd: tcb.rcv.wnd },
      queued: tcb.queued,
      owes: tcb.owes.map(({ kind }) => kind),
      timers: timerDeadlines,
    },
    application: {
      called: called.map(({ call }) => call),
      octets: stream.length / 2,
      wrote: writtenMessages.map(({ name }) => name),
      read: readMessages,
      ...(tls ? { said: tls.plaintextSent.length / 2, heard: tls.plaintextReceived.length / 2 } : {}),
      strangers: strangers.length,
    },
    player,
    said: claimedState,
    tries: triedFields,
    useless: uselessActsInRow,
    excused: excusedMisconceptions,
    waits: waitRequested,
    unsettled: openEvents.length,
    score: `${eighths / POINT_EIGHTHS} of ${of / POINT_EIGHTHS}`,
    milestones: milestones.map(({ id, status, charged, hints }) => `${id}: ${status}, ${charged} eighths, ${hints} hints`),
  }
}

/** By today's key: the keys that view events had when the facts were written, where those were different. */
const FORMER_KEYS: { readonly [key: string]: string } = { entered: 'set', delivered: 'passed' }

/** The number of views, whether any number is missing, and how many views contain each kind of event. */
function viewFacts(views: readonly { readonly n: number; readonly event: object }[]) {
  const told: Record<string, number> = {}
  for (const { event } of views)
    for (const key of Object.keys(event)) {
      // Why a choice is right or wrong is a text of the exercise. Nothing is said about questions of an earlier version of it.
      if (key === 'why') continue
      const what = FORMER_KEYS[key] ?? key
      told[what] = (told[what] ?? 0) + 1
    }
  return { count: views.length, gaps: views.filter(({ n }, i) => n !== i + 1).length, told }
}

function tileFacts(round: Round, world: World, entries: readonly Entry[]) {
  const { sessionId: session, clientId: client, serverId: server, networkId: network } = round
  const leg = round.leg === 2 ? 2 : 1
  const pair = { pair: round.pairId, number: 1, message: '', members: [] }
  const tile = buildTileRound({ id: round.id, session, pair, leg, legs: leg, client, server, network }, world, entries)
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
