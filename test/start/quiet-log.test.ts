/** What a node's log holds of a lesson, at the level that tells most. */
import { expect, test } from 'vitest'
import { Lesson } from '../support/lesson.ts'
import { dataDirectory, startServer } from '../support/process.ts'

test('a lesson is played at LOG_LEVEL=trace: the log holds no name, no token, no cookie, no code and nothing of what was sent', async () => {
  const server = await startServer({ DATA_DIR: await dataDirectory(), LOG_LEVEL: 'trace' })
  const lesson = await Lesson.open({ port: server.port, link: server.link, pairs: 1, playlist: ['handshake'] })
  await lesson.playAll(0, 1)
  await lesson.readScores(server.port)
  expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null })

  const log = server.said.err
  expect(log).toContain('/api/sessions/:session/scores.csv') // it did tell of the requests
  const { socket } = lesson.teacher
  const cookie = (socket.io.opts.extraHeaders as { cookie: string }).cookie
  const secrets = {
    names: lesson.students.map(({ name }) => name),
    title: [lesson.session.title],
    code: [lesson.session.code],
    link: [server.link],
    cookie: cookie.split('; ').map((each) => each.slice(each.indexOf('=') + 1)),
    acts: lesson.played.flatMap(({ plan }) => plan.steps.map(({ id }) => id)),
  }
  for (const [kind, texts] of Object.entries(secrets)) {
    expect(texts.length, kind).toBeGreaterThan(0)
    for (const text of texts) expect(log.includes(text), `${kind}: ${text}`).toBe(false)
  }
  // Each line is JSON with none of the fields that would hold a body, a head or an address.
  for (const line of log.trim().split('\n')) {
    const entry = JSON.parse(line) as object
    expect(JSON.stringify(entry)).not.toMatch(/"(body|payload|headers|cookie|authorization|remoteAddress|ip|action)"/)
  }
})
