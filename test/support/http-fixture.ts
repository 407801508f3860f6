/** A node that answers HTTP, its teacher, and what tests of routes do all the time. */
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Joined, SessionInfo } from '../../contract/answers.ts'
import { testApp, type Browser, type TestApp } from './app.ts'

interface Started {
  readonly at: TestApp
  readonly teacher: Browser
}

/** Starts a node for the tests of a file. The fields are there once the first test begins; nobody is present at the beginning of a test. */
export function httpFixture() {
  let started: Started
  let visitors = 0
  beforeAll(async () => {
    const at = await testApp()
    started = { at, teacher: await at.teacher() }
  })
  afterAll(() => started.at.stop())
  beforeEach(() => started.at.present.clear())

  /** A browser with a new address, so that no test is affected by another's rate limits. */
  const visitor = () => started.at.browser(`10.0.${visitors >> 8}.${visitors++ & 255}`)
  return {
    get at() {
      return started.at
    },
    get teacher() {
      return started.teacher
    },
    visitor,
    async lesson(over: Partial<{ level: string; playlist: string[]; swap: boolean }> = {}) {
      const body = { title: 'Monday', level: 'guided', playlist: ['handshake', 'data', 'close-client'], swap: false, ...over }
      return (await started.teacher.post('/api/sessions', body)).json<SessionInfo>()
    },
    async join(code: string, name: string, browser = visitor()) {
      const { participant } = (await browser.post('/api/join', { code, name })).json<Joined>()
      started.at.present.add(participant.id)
      return participant.id
    },
  }
}
