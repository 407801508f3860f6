/** What a person does beside the page, as from a second tab: without its forms, and thus in no time. */
import type { BrowserContext } from 'playwright-core'
import { inject } from 'vitest'
import { Connection, Signal } from './lesson.ts'

/** Connects as this participant, with the cookies of the participant's browser. */
export async function secondTab(context: BrowserContext, participant: string, changed = new Signal()): Promise<Connection> {
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  return new Connection(`http://127.0.0.1:${inject('server').port}`, cookie, { participant }, changed)
}
