/** Rounds alone, over HTTP: how much of a segment is left to the learner. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { PracticeBegun } from '../../contract/answers.ts'
import { testApp, type TestApp } from '../support/app.ts'

let at: TestApp
beforeAll(async () => void (at = await testApp()))
afterAll(() => at.stop())

/** What a round's script says of it when a new learner begins with this wish. */
async function begin(level: string, leaves?: string) {
  const wish = { exercise: 'handshake', seat: 'client', level, partner: {}, ...(leaves ? { leaves } : {}) }
  const answer = await at.browser().post('/api/practice', wish)
  if (answer.statusCode !== 200) return answer.statusCode
  const { participant } = answer.json<PracticeBegun>()
  const { id } = await at.prisma.round.findFirstOrThrow({ where: { clientId: participant } })
  return (await at.rounds.readWorld(id))?.script.partner.leaves ?? 'all'
}

it('one or two fields are left open if the learner wishes, and only at the level guided', async () => {
  expect(await begin('guided')).toBe('all')
  expect(await begin('guided', 'one-field')).toBe('one-field')
  expect(await begin('guided', 'two-fields')).toBe('two-fields')
  expect(await begin('standard', 'one-field')).toBe('all')
  expect(await begin('guided', 'none')).toBe(400)
})

it('a learner may have TCP by hand in an HTTPS exercise; the next round goes by the wish that it is begun with', async () => {
  const browser = at.browser()
  const wish = { exercise: 'https-rsa', seat: 'client', level: 'guided', partner: {} }
  for (const tcpByHand of [true, undefined]) {
    const { participant } = (await browser.post('/api/practice', { ...wish, tcpByHand })).json<PracticeBegun>()
    const { id } = await at.prisma.round.findFirstOrThrow({ where: { clientId: participant }, orderBy: { position: 'desc' } })
    expect((await at.rounds.readWorld(id))?.script.tcp).toBe(tcpByHand ? undefined : 'autopilot')
  }
})

it('a teacher cannot ask for it: graded rounds are written whole', async () => {
  const teacher = await at.teacher()
  const session = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false, partner: { leaves: 'one-field' } }
  expect((await teacher.post('/api/sessions', session)).statusCode).toBe(400)
})
