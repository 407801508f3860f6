/**
 * The round that every pair of the bench plays: segments in alternating directions, each with data and an acknowledgement of the
 * peer's.
 */
import { createActionId } from '../../client/src/lib/action-id.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import type { Seat } from '../../protocol/seat.ts'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { DEFAULT_TIMES_MS, type ApplicationStep } from '../../protocol/round/model/exercise.ts'
import type { ScriptScene, Script } from '../../protocol/round/model/script.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import type { ViewUpdate } from '../../protocol/round/view/view-update.ts'
import { ACK, PSH } from '../../protocol/segment.ts'
import { newId } from '../../server/base/ids.ts'
import { createMemoryLog } from '../../server/rounds/log-memory.ts'
import { LiveRound } from '../../server/rounds/live-round.ts'

/** Acts in a round: about as many as in a lesson's rounds. */
export const ACTS = 30
const OCTETS = 100

export const seatOfAct = (k: number): Seat => (k % 2 === 0 ? 'client' : 'server')

/** The k-th act of a round, counted from 0. */
export function actionOf(k: number): SeatAction {
  const sent = Math.floor(k / 2)
  const segment = { bits: ACK | PSH, seq: `${1 + OCTETS * sent}`, ack: `${1 + OCTETS * Math.ceil(k / 2)}`, length: OCTETS }
  return { kind: 'send', segment, state: 'ESTABLISHED' }
}

const sends: ApplicationStep[] = [{ call: { call: 'SEND', octets: (OCTETS * ACTS) / 2 }, by: 'exercise' }]
const milestones: ScriptScene['milestones']['client'] = [
  { id: 'sends', deed: { sends: 'data' } },
  { id: 'acknowledges', deed: { acknowledges: 'data' }, opens: { received: 'data' } },
  { id: 'closes', deed: { sends: 'FIN' } },
]

const ISS = { client: 2_147_480_000, server: 1_000_000 }

/** A script whose goal is never reached: a round ends when the bench has sent its acts. */
export const SCRIPT: Script = {
  exercise: 'bench',
  version: 1,
  level: 'guided',
  notation: 'relative',
  scenes: [
    {
      id: 'bench',
      rules: 'rfc-9293',
      names: { x: { of: 'client', value: ISS.client }, y: { of: 'server', value: ISS.server } },
      iss: ISS,
      earlier: ISS,
      opening: { client: { state: 'ESTABLISHED' }, server: { state: 'ESTABLISHED' } },
      application: { client: sends, server: sends },
      injections: [],
      goal: { client: 'CLOSED', server: 'CLOSED' },
      milestones: { client: milestones, server: milestones },
      questions: { client: [], server: [] },
      times: DEFAULT_TIMES_MS,
    },
  ],
  partner: { style: 'exact', pace: 'human' },
  players: { client: 'person', server: 'person' },
  seed: 9293,
  network: false,
}

export interface Exchange {
  /** The row that was written for the act. */
  readonly entry: Entry
  /** The updates in the reply. */
  readonly own: readonly ViewUpdate<PlayerView>[]
  /** The update that the partner receives. */
  readonly partner: ViewUpdate<PlayerView>
}

/** Records a round as the product answers it, so that a relay can send messages of the same number and size. */
export async function recordRound(): Promise<readonly Exchange[]> {
  const partners: ViewUpdate<PlayerView>[] = []
  const entries: Entry[] = []
  const live = new LiveRound(newId(), {
    log: createMemoryLog(),
    now: () => new Date(),
    after: () => () => {},
    idleAfterMs: 20_000,
    tls: TLS_TOOLS,
    publish({ entry, views }) {
      entries.push(entry)
      const view = entry.actor === 'client' ? views.server : views.client
      if (view) partners.push(view)
    },
  })
  await live.start(SCRIPT)
  partners.length = 0
  const exchanges: Exchange[] = []
  for (let k = 0; k < ACTS; k++) {
    const seat = seatOfAct(k)
    const seen = (await live.readViews(seat, 0)).length
    const own = await live.act(seat, { id: createActionId(), seen, action: actionOf(k) })
    const verdict = own.at(-1)?.event.act
    const partner = partners.pop()
    if (verdict?.outcome !== 'accepted' || !partner) throw new Error(`act ${k} is ${JSON.stringify(verdict)}`)
    exchanges.push({ entry: entries.at(-1)!, own, partner })
  }
  return exchanges
}
