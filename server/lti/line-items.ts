/** The column of grades that a session has at a platform (Assignment and Grade Services 2.0, 3.2). */
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { LtiContext, LtiLink, LtiPlatform, PrismaClient, Session } from '../generated/prisma/client.ts'
import { PlatformError } from './lti-error.ts'
import { readJson } from './platform-http.ts'
import { SCORE_MAXIMUM } from './score.ts'
import type { CallService } from './services.ts'
import { MEDIA_TYPE, SCOPE } from './vocabulary.ts'

/** Marks the columns of this tool. */
const LINE_ITEM_TAG = 'handshake'

const itemValidator = Compile(Type.Object({ id: Type.String({ minLength: 1, maxLength: 2000 }) }))
const listValidator = Compile(
  Type.Array(Type.Object({ id: Type.String({ minLength: 1, maxLength: 2000 }), tag: Type.Optional(Type.Unknown()) })),
)

export interface LineItemDeps {
  readonly prisma: PrismaClient
  readonly callService: CallService
}

/**
 * The address of the link's column, which is found or made if it is not known yet. `link` is updated. Rejects with a
 * `PlatformError`.
 */
export async function ensureLineItem(
  { prisma, callService }: LineItemDeps,
  link: LtiLink & { session: Session; context: LtiContext & { platform: LtiPlatform } },
): Promise<string> {
  if (link.lineItemUrl !== null) return link.lineItemUrl
  const { session, context } = link
  if (context.lineItemsUrl === null) throw new PlatformError('The platform offers no column of grades for this link.')
  const scopes = [SCOPE.lineItem]

  // An attempt before may have made it without hearing so: 3.2.5 finds it again by what it is for.
  const search = new URL(context.lineItemsUrl)
  search.searchParams.set('resource_link_id', link.resourceLinkId)
  search.searchParams.set('resource_id', session.id)
  search.searchParams.set('tag', LINE_ITEM_TAG)
  const found = await readJson(
    await callService(context.platform, { url: search.href, scopes, accept: MEDIA_TYPE.lineItems }),
    'list of columns',
  )
  const known = listValidator.Check(found) ? found.find(({ tag }) => tag === LINE_ITEM_TAG) : undefined

  const item =
    known ??
    (await readJson(
      await callService(context.platform, {
        method: 'POST',
        url: context.lineItemsUrl,
        scopes,
        accept: MEDIA_TYPE.lineItem,
        contentType: MEDIA_TYPE.lineItem,
        body: toLineItem(session, link.resourceLinkId),
      }),
      'new column',
    ))
  if (!itemValidator.Check(item)) throw new PlatformError("The platform's new column is not of its form.")
  await prisma.ltiLink.update({ where: { id: link.id }, data: { lineItemUrl: item.id } })
  link.lineItemUrl = item.id
  return item.id
}

/** A column for a session. Its scores are percents. */
export const toLineItem = ({ id, title }: Pick<Session, 'id' | 'title'>, resourceLinkId?: string) => ({
  scoreMaximum: SCORE_MAXIMUM,
  label: title,
  resourceId: id,
  tag: LINE_ITEM_TAG,
  ...(resourceLinkId === undefined ? {} : { resourceLinkId }),
})

/** Where a column's scores are sent (3.4): below its path, before its query. */
export function scoresUrl(lineItemUrl: string): string {
  const url = new URL(lineItemUrl)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/scores`
  return url.href
}
