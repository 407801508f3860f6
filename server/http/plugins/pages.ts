/** Serves the built pages: one document for the address of every page, and assets whose names change with their content. */
import { existsSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyReply } from 'fastify'
import plugin from 'fastify-plugin'
import { listServedPaths } from '../../../contract/pages.ts'
import { toFailure, ApiError } from '../../base/api-error.ts'

export interface PagesOptions {
  /** The directory of the built client. */
  readonly directory: string
  /** The classroom's public address, if it is known. */
  readonly baseUrl: string | null
}

export const pages = plugin<PagesOptions>(
  async (app, { directory, baseUrl }) => {
    const assets = join(directory, 'assets') + sep
    await app.register(fastifyStatic, {
      root: directory,
      index: false,
      cacheControl: false,
      preCompressed: true,
      schemaHide: true,
      setHeaders: (reply, path) => {
        reply.header('cache-control', path.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })

    const file = join(directory, 'index.html')
    const sendDocument = (reply: FastifyReply) => {
      if (!existsSync(file))
        return reply.code(503).type('text/plain').send('The pages have not been built: run `npm run build` and reload.\n')
      if (baseUrl === null) return reply.sendFile('index.html')
      // Whoever draws a card for a shared link asks for the whole address of its picture.
      const html = readFileSync(file, 'utf8').replace('content="/card.png"', `content="${baseUrl}/card.png"`)
      return reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(html)
    }

    for (const address of listServedPaths()) app.get(address, { schema: { hide: true } }, (_request, reply) => sendDocument(reply))

    app.setNotFoundHandler((request, reply) => {
      if (request.headers.accept?.includes('text/html')) return sendDocument(reply.code(404))
      return reply.code(404).send(toFailure(new ApiError('not-found', `There is no ${request.method} ${request.url}.`)))
    })
  },
  { name: 'pages' },
)
