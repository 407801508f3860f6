/**
 * A teacher uploads an exercise: a bad file is refused with the line and a remedy; a good one is displayed, selected and played.
 */
import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import { inBrowser, inspect } from '../support/browser.ts'
import { lessonOf, serverFixture } from '../support/server-fixture.ts'
import { seated, Student } from '../support/student.ts'

const page = readFileSync('docs/authors.md', 'utf8')
const example = [...page.matchAll(/```yaml example\n([^]*?)```/g)].map(([, yaml]) => yaml).join('')

inBrowser('an exercise of the teacher’s own', (browser) => {
  test.each([
    ['en', 1440],
    ['zh', 390],
  ] as const)('brought along, shown and played (%s, %d px)', async (lang, width) => {
    const { link, come } = await serverFixture(browser())
    const teacher = await come({ lang, width, refusals: true })
    const { say } = teacher
    const home = await teacher.open(`/teach#link=${link}`)
    await home.getByRole('link', { name: say('own_title') }).click()
    const file = (text: string) =>
      home.locator('input[type=file]').setInputFiles({ name: 'lost-letter.yaml', mimeType: 'text/yaml', buffer: Buffer.from(text) })
    await file(example.replace('  zh: 一封信\n', ''))
    await home.getByRole('button', { name: say('own_put') }).click()
    await home.getByText('lost-letter.yaml:6: title.zh is missing: add the Chinese text').waitFor()
    await inspect(home, 'own-bad')

    await file(example)
    await home.getByRole('button', { name: say('own_put') }).click()
    await home.locator('#preview').waitFor()
    await inspect(home, 'own-preview')
    const id = new URL(home.url()).pathname.split('/').at(-1) ?? ''

    const { steer, join } = await lessonOf(teacher, { title: 'Ours', level: 'guided', playlist: [id], swap: false })
    const students = await Promise.all(
      ['Ann', 'Bob'].map(async (name) => {
        const guest = await come({ lang, width })
        const round = await guest.open(await join(guest, name))
        await round.getByText(guest.say('waiting_for_partner')).waitFor()
        return new Student(name, round, guest.say)
      }),
    )
    const [ann, bob] = students as [Student, Student]
    await steer('pairing', { odd: 'built-in' })
    await steer('position', { position: 0 })
    await Promise.all(students.map((student) => student.page.locator('.panel').waitFor()))
    const { client } = await seated(ann, bob)
    const octets = Number(/\d+/.exec(await client.call())?.[0])
    await client.hint()
    await client.page.getByText(client.say('hint_nudge')).waitFor()
    await client.send({ bits: ['A'], seq: 'x+1', ack: 'y+1', octets, state: 'ESTABLISHED' })

    const title = lang === 'zh' ? '一封信' : 'A letter'
    await home.getByRole('button', { name: say('own_remove', { title }) }).click()
    await inspect(home, 'own-remove')
    await home.getByRole('button', { name: say('own_remove_confirm'), exact: true }).click()
    await home.getByRole('link', { name: title }).waitFor({ state: 'detached' })
    await steer('position', { position: 0 })
  })
})
