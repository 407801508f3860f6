/** The tool and a platform side by side, both on real HTTP, and browsers that go from one to the other. */
import type { AddressInfo } from 'node:net'
import type { LaunchView } from '../../contract/learning-platforms.ts'
import { testApp, type TestApp, type Browser } from '../support/app.ts'
import { startPlatform, type Bend, type Platform, type Target, type User } from './platform.ts'

/** Where a launch has led. */
export interface Launched {
  readonly status: number
  /** The path and fragment of the page. */
  readonly location: string
}

/** A browser of a user of the platform: what it keeps, it sends again. */
export class Visitor {
  readonly cookies = new Map<string, { readonly value: string; readonly attributes: string }>()
  readonly #tool: string

  constructor(tool: string) {
    this.#tool = tool
  }

  async ask(path: string, init: RequestInit & { readonly headers?: Record<string, string> } = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ')
    const answer = await fetch(new URL(path, this.#tool), {
      ...init,
      redirect: 'manual',
      headers: { ...(cookie === '' ? {} : { cookie }), ...init.headers },
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = '', attributes = ''] = /^([^=]+)=([^;]*)(.*)$/.exec(line) ?? []
      if (/Max-Age=0|1970/.test(attributes)) this.cookies.delete(name)
      else this.cookies.set(name, { value: decodeURIComponent(value), attributes })
    }
    return answer
  }

  postForm(path: string, fields: Readonly<Record<string, string>>, headers: Record<string, string>) {
    return this.ask(path, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    })
  }

  /** Sends JSON to the API, as this site's page does. */
  async call<T>(path: string, body: object): Promise<{ status: number; body: T }> {
    const answer = await this.ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', origin: this.#tool },
    })
    return { status: answer.status, body: (await answer.json()) as T }
  }

  /** The launch page's view of this ticket. */
  read(ticket: string) {
    return this.call<LaunchView>('/api/launches/read', { ticket })
  }
  choose(ticket: string, choice: object) {
    return this.call<LaunchView>('/api/launches/choice', { ticket, ...choice })
  }
  /** Goes on in a tab of its own, as the page's button does. */
  async goOn(ticket: string): Promise<Launched> {
    const answer = await this.postForm('/lti/continue', { ticket }, { origin: this.#tool })
    return { status: answer.status, location: answer.headers.get('location') ?? '' }
  }
}

/** How a launch is opened. */
export interface Opening {
  readonly target?: Target
  readonly bend?: Bend
  /** `iframe`: in a frame of the platform; otherwise in a tab of its own. */
  readonly where?: 'document' | 'iframe'
  readonly visitor?: Visitor
  /** The browser keeps no cookies there. */
  readonly withoutCookies?: boolean
}

export interface Setting {
  readonly at: TestApp
  readonly tool: string
  readonly platform: Platform
  /** The teacher who has registered the platform. An owner of the installation. */
  readonly owner: Browser
  readonly ownerId: string
  visitor(): Visitor
  /** Opens the tool from the platform, as far as the page to which the launch leads. */
  launch(
    user: User,
    opening?: Opening,
  ): Promise<Launched & { readonly visitor: Visitor; readonly form: Readonly<Record<string, string>> }>
  stop(): Promise<void>
}

/** The ticket in the address of a launch page. */
export const ticketOf = ({ location }: Launched): string => /^\/lti\/launched\/[\w-]+#([\w-]+)$/.exec(location)?.[1] ?? ''

/** `registered`: whether the owner has registered the platform by hand. */
export async function startSetting({ registered = true } = {}): Promise<Setting> {
  const at = await testApp()
  await at.app.listen({ port: 0, host: '127.0.0.1' })
  const tool = `http://127.0.0.1:${(at.app.server.address() as AddressInfo).port}`
  const platform = await startPlatform({ now: () => at.clock.now })
  platform.state.tool = tool
  const owner = await at.teacher()
  const { id: ownerId } = (await at.prisma.teacher.findMany({ orderBy: { createdAt: 'desc' }, take: 1 }))[0]!
  await at.prisma.teacher.update({ where: { id: ownerId }, data: { owner: true, name: 'Olga Owner' } })
  if (registered) {
    const answer = await owner.post('/api/platforms', platform.registration())
    if (answer.statusCode !== 200) throw new Error(answer.body)
  }
  return {
    at,
    tool,
    platform,
    owner,
    ownerId,
    visitor: () => new Visitor(tool),
    async launch(user, { target = {}, bend = {}, where = 'document', visitor = new Visitor(tool), withoutCookies = false } = {}) {
      const begun = await visitor.ask(platform.loginUrl(platform.prepare(user, target, bend)).slice(tool.length))
      const location = begun.headers.get('location') ?? ''
      if (!location.startsWith(platform.state.origin)) return { status: begun.status, location, visitor, form: {} }
      if (withoutCookies) visitor.cookies.clear()
      const { action, fields } = await platform.authenticate(location)
      const launched = await visitor.postForm(action.slice(tool.length), fields, {
        origin: platform.state.origin,
        'sec-fetch-dest': where,
      })
      return { status: launched.status, location: launched.headers.get('location') ?? '', visitor, form: fields }
    },
    async stop() {
      await platform.stop()
      await at.stop()
    },
  }
}
