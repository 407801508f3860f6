/** What this server is: its exercises, its addresses, its health. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Addresses } from '../../contract/http.ts'
import type { Exercises } from '../../exercises/load.ts'
import { exerciseInfo } from '../classroom/read.ts'
import { AddressesAnswer, answers, ExercisesAnswer } from './answers.ts'

export interface AboutRoutes {
  readonly exercises: Exercises
  /** Where people reach this server. */
  readonly urls: () => Addresses['urls']
  /** Rejects where the database does not answer. */
  readonly ping: () => Promise<unknown>
}

export const aboutRoutes: FastifyPluginAsyncTypebox<AboutRoutes> = async (app, { exercises, urls, ping }) => {
  app.get('/api/exercises', { schema: { summary: 'The exercises, in teaching order', response: answers(ExercisesAnswer) } }, () =>
    exercises.all().map(exerciseInfo),
  )

  app.get(
    '/api/addresses',
    { schema: { summary: 'The addresses to type, likeliest first', response: answers(AddressesAnswer) } },
    () => ({ urls: urls(), reached: app.reached() }),
  )

  app.get(
    '/healthz',
    { schema: { summary: 'Whether this node can work', response: answers(Type.Object({ ok: Type.Literal(true) })) } },
    async () => {
      await ping()
      return { ok: true } as const
    },
  )
}
