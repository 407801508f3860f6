/** A student whose own page does not act: the acts go over another connection, in no time, and the page follows. */
import type { Page } from 'playwright-core'
import type { Place } from '../../contract/places.ts'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import type { Seat } from '../../protocol/seat.ts'
import type { Visitor } from './browser.ts'
import { Signal } from './lesson.ts'
import { secondTab } from './second-tab.ts'

export interface Person {
  readonly visitor: Visitor
  /** The participant's id. */
  readonly id: string
}

export interface Player extends Person {
  readonly page: Page
  readonly round: string
  readonly seat: Seat
  act(action: SeatAction): Promise<void>
  /** Answers this question with this choice, both in English, if the round asks it. */
  answer(question: string, choice: string): Promise<void>
  /** How many views this seat has received. */
  views(): Promise<number>
}

/** Takes the person's seat in a round, over a connection in addition to the browser's pages. */
export async function take({ visitor, id }: Person): Promise<Player> {
  const changed = new Signal()
  const connection = await secondTab(visitor.context, id, changed)
  let place: Place | null = null
  connection.socket.on('place', (told) => {
    place = told
    changed.tell()
  })
  const { id: round, seat, exercise } = await changed.until(() => place?.round)
  const views = async () => (await connection.ask('resume', { round, from: 0 })).views.length
  let acts = 0
  const act = async (action: SeatAction) => {
    await connection.ask('act', { round, id: `${id}-${acts++}`, seen: await views(), action })
  }
  return {
    visitor,
    id,
    page: await visitor.open(`/r/${id}`),
    round,
    seat,
    views,
    act,
    async answer(question, choice) {
      const asked = exercise.scenes.flatMap((scene) => scene.questions).find(({ ask }) => ask.en === question)
      if (asked) await act({ kind: 'answer', question: asked.id, choice: asked.choices.findIndex(({ en }) => en === choice) })
    },
  }
}
