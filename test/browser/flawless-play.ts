/** How a pair without mistakes plays each exercise on its pages. */
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

export async function handshake(pair: Pair): Promise<void> {
  const { client, server } = pair
  await opened(pair)
  await server.send({ bits: ['S', 'A'], seq: 'y', ack: 'x+1', state: 'SYN-RECEIVED' })
  await client.has('SYN,ACK')
  await established(pair)
}

export async function data(pair: Pair): Promise<void> {
  const { client, server } = pair
  await oneEachWay(pair)
  await outOfOrder(pair)
  await oneLost(pair)
  await conclude(client, server, 'data')
}

const START = { bits: ['A'], seq: 'x+1', ack: 'y+1', state: 'ESTABLISHED' } as const

async function oneEachWay({ client, server }: Pair): Promise<void> {
  await client.call()
  const [m = 0] = await client.handedOver(1)
  await client.send({ ...START, octets: m })
  await server.has(`data=${m}`)
  await server.send({ ...START, seq: 'y+1', ack: `x+${1 + m}` })
  await server.call()
  const [n = 0] = await server.handedOver(1)
  await server.send({ ...START, seq: 'y+1', ack: `x+${1 + m}`, octets: n })
  await client.has(`data=${n}`)
  await client.send({ ...START, seq: `x+${1 + m}`, ack: `y+${1 + n}` })
}

async function outOfOrder({ client, server }: Pair): Promise<void> {
  await client.call()
  const [m = 0] = await client.handedOver(1)
  await client.send({ ...START, octets: m })
  const [, n = 0] = await client.handedOver(2)
  await client.send({ ...START, seq: `x+${1 + m}`, octets: n })
  await server.has(`data=${n}`)
  await server.send({ ...START, seq: 'y+1', ack: 'x+1' })
  await server.has(`data=${m}`)
  await server.send({ ...START, seq: 'y+1', ack: `x+${1 + m + n}` })
}

/** Plays the exercise, whichever segment the wire loses. */
async function oneLost({ client, server }: Pair): Promise<void> {
  const fromServer = { ...START, seq: 'y+1', ack: 'x+1' }
  await server.call()
  const [m = 0] = await server.handedOver(1)
  await server.send({ ...fromServer, octets: m })
  const [, n = 0] = await server.handedOver(2)
  const second = `y+${1 + m}`
  await server.send({ ...fromServer, seq: second, octets: n })
  await client.has('data=')
  const beyondGap = (await client.arrived()).includes(`seq=${second}`)
  await client.send({ ...START, ack: beyondGap ? 'y+1' : second })
  await server.has('ACK')
  await server.wait()
  await client.wait()
  await server.has(server.say('ladder_timer_retransmission'))
  await server.send(beyondGap ? { ...fromServer, octets: m } : { ...fromServer, seq: second, octets: n })
  await client.has(`data=${beyondGap ? m : n}`)
  await client.send({ ...START, ack: `y+${1 + m + n}` })
}

export async function closeClient({ client, server }: Pair): Promise<void> {
  await client.call()
  await client.send({ bits: ['A', 'F'], seq: 'u', ack: 'v', state: 'FIN-WAIT-1' })
  await server.has('FIN')
  await server.send({ bits: ['A'], seq: 'v', ack: 'u+1', state: 'CLOSE-WAIT' })
  await client.has('ACK')
  await client.claim('FIN-WAIT-2')
  await server.call()
  await server.send({ bits: ['A', 'F'], seq: 'v', ack: 'u+1', state: 'LAST-ACK' })
  await client.has('FIN')
  await client.send({ bits: ['A'], seq: 'u+1', ack: 'v+1', state: 'TIME-WAIT' })
  await server.has('ACK')
  await server.claim('CLOSED')
  await server.wait()
  await client.wait()
  await client.has(client.say('ladder_timer_time_wait'))
  await client.claim('CLOSED')
  await conclude(client, server, 'close-client')
}
