/** How a pair without mistakes plays the handshake on its pages, by hand: what a test interrupts. */
import type { Page } from 'playwright-core'
import type { Lang } from '../../protocol/round/model/exercise.ts'
import { exercises } from '../support/exercises.ts'
import type { Pair, Student } from '../support/student.ts'
import type { Say } from '../support/words.ts'

/** Takes the warm-up, which a new session begins with, out of the proposed playlist. */
export async function leaveOutWarmUp(board: Page, lang: Lang, say: Say): Promise<void> {
  const title = exercises.get('warm-up')!.title[lang]
  await board
    .locator('form ol li')
    .first()
    .getByRole('button', { name: say('teach_new_remove', { title }) })
    .click()
}

/** Both open, and the client's SYN arrives. */
export async function opened({ client, server }: Pair): Promise<void> {
  await server.call()
  await client.call()
  await client.send({ bits: ['S'], seq: 'x', state: 'SYN-SENT' })
  await server.has('SYN')
}

/** Plays from the client's answer to the SYN,ACK on. */
export async function established({ client, server }: Pair): Promise<void> {
  await client.send({ bits: ['A'], seq: 'x+1', ack: 'y+1', state: 'ESTABLISHED' })
  await server.has('ACK')
  await server.claim('ESTABLISHED')
  await conclude(client, server, 'handshake')
}

/** Both answer the closing questions of the exercise. */
export const conclude = (client: Student, server: Student, exercise: string) =>
  Promise.all([client.conclude(exercise), server.conclude(exercise)])
