/**
 * Lets registered platforms frame pages: those to which a launch leads in the frame, and, where the browser keeps cookies for the
 * frame alone (CHIPS), what its user goes on to there. All others stay shut.
 */
import type { FastifyReply } from 'fastify'
import plugin from 'fastify-plugin'

export interface FramingOptions {
  /** The origins of a platform's pages; empty if there is no such platform. */
  readonly readOrigins: (platformId: string) => Promise<readonly string[]>
}

/**
 * The cookie by which a frame's pages may be framed. Its value is the platform's id, which is no secret: it only opens pages to the
 * origins that are registered for it.
 */
export const FRAME_COOKIE = 'lti_frame'

const LAUNCH_PAGES = /^\/lti\/(launched|refused|registered)\/:platform$/
const ID_PATTERN = /^[\w-]{8,40}$/
/** What cannot stand in a header, or would say more in it than an origin. */
const ORIGIN_PATTERN = /^https?:\/\/[\w.:[\]-]+$/

export const framing = plugin<FramingOptions>(
  (app, { readOrigins }, done) => {
    app.addHook('onRequest', async (request, reply) => {
      if (request.method !== 'GET') return
      const { url = '' } = request.routeOptions
      const isLaunchPage = LAUNCH_PAGES.test(url)
      const id = isLaunchPage ? (request.params as { readonly platform?: string }).platform : request.cookies[FRAME_COOKIE]
      if (id === undefined || !ID_PATTERN.test(id)) return
      allowFraming(reply, await readOrigins(id), isLaunchPage)
    })
    done()
  },
  { name: 'framing', dependencies: ['security', '@fastify/cookie'] },
)

/** Lets pages of these origins frame the answer. `posts`: whether it may also send forms to them. */
export function allowFraming(reply: FastifyReply, origins: readonly string[], posts = false): void {
  const allowed = origins.filter((origin) => ORIGIN_PATTERN.test(origin)).join(' ')
  if (allowed === '') return
  const policy = String(reply.getHeader('content-security-policy'))
    .replace("frame-ancestors 'none'", `frame-ancestors ${allowed}`)
    .replace("form-action 'self'", posts ? `form-action 'self' ${allowed}` : "form-action 'self'")
  reply.header('content-security-policy', policy)
  reply.removeHeader('x-frame-options') // it cannot name origins
}
