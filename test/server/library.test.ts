/**
 * Exercises that teachers upload: each is accepted only if it can be proved, can be played in every version, and is visible to
 * nobody else.
 */
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ExerciseInfo, OwnExercise } from '../../contract/answers.ts'
import { JSON_SCHEMA } from '../../exercises/schema.ts'
import { createLibrary } from '../../server/lessons/library.ts'
import { createTimeSlicer, WorkLimitError } from '../../server/base/slices.ts'
import { testApp, type Browser, type TestApp } from '../support/app.ts'
import { exercises } from '../support/exercises.ts'

const data = readFileSync('exercises/data.yaml', 'utf8')
/** The source of a valid exercise with this id and title. */
const lab = (id = 'lab', title = 'Our lab') => data.replace('id: data', `id: ${id}`).replace('Data both ways', title)

let at: TestApp
let teacher: Browser, other: Browser
beforeAll(async () => {
  at = await testApp()
  ;[teacher, other] = [await at.teacher(), await at.teacher()]
})
afterAll(() => at.stop())

const put = (browser: Browser, source: string) => browser.post('/api/exercises', { source })
const bring = async (browser: Browser, source = lab()) => {
  const answer = await put(browser, source)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json<OwnExercise>()
}
const listed = async (browser: Browser) =>
  (await browser.get('/api/exercises')).json<ExerciseInfo[]>().filter(({ origin }) => origin !== 'built-in')

describe('a teacher’s own exercise', () => {
  test('is listed, read and chosen by its teacher alone, under an id that no file can have', async () => {
    const { id, version, source } = await bring(teacher)
    expect(id).toMatch(/^lab\.[\w-]{22}$/)
    expect([version, source]).toEqual([1, lab()])
    expect(await listed(teacher)).toMatchObject([{ id, version: 1, origin: 'own', topic: 'data', title: { en: 'Our lab' } }])
    expect(await listed(other)).toEqual([])
    expect((await teacher.get(`/api/exercises/${id}`)).json()).toMatchObject({ id, exercise: { id, version: 1 } })

    const session = { title: 'Monday', level: 'guided', playlist: ['handshake', id], swap: false }
    expect((await teacher.post('/api/sessions', session)).statusCode).toBe(200)
    expect((await other.post('/api/sessions', session)).json()).toMatchObject({ error: 'malformed' })
  })

  test('of another teacher with the same id in its file is another exercise', async () => {
    const [one, two] = [await bring(teacher, lab('same')), await bring(other, lab('same'))]
    expect(one.id).not.toBe(two.id)
    expect((await other.get(`/api/exercises/${one.id}`)).statusCode).toBe(403)
    expect((await other.ask('DELETE', `/api/exercises/${one.id}`, {})).statusCode).toBe(403)
  })

  test('with the id of a built-in one leaves that as it is', async () => {
    const { id } = await bring(teacher, lab('handshake'))
    expect(id).toMatch(/^handshake\../)
    const library = createLibrary({ prisma: at.prisma, builtIn: exercises, now: () => new Date(0) })
    expect((await library.findNewest('handshake'))?.title.en).toBe('Three-way handshake')
  })

  test('put again is a new version; the same file again is not; each stays readable on every node', async () => {
    const first = await bring(teacher, lab('versions', 'First'))
    const second = await bring(teacher, lab('versions', 'Second'))
    expect(await bring(teacher, lab('versions', 'Second'))).toEqual(second)
    expect([second.id, second.version]).toEqual([first.id, 2])
    const elsewhere = createLibrary({ prisma: at.prisma, builtIn: exercises, now: () => new Date(0) })
    expect((await elsewhere.findNewest(first.id))?.title.en).toBe('Second')
    expect((await elsewhere.findByReference(`${first.id}@1`))?.title.en).toBe('First')
    expect(await elsewhere.findByReference(`${first.id}@3`)).toBeUndefined()
  })

  test('put twice at once is two versions', async () => {
    const both = await Promise.all([bring(teacher, lab('at-once', 'One')), bring(teacher, lab('at-once', 'Two'))])
    const { id } = both[0]
    expect((await teacher.get(`/api/exercises/${id}`)).json()).toMatchObject({ version: 2 })
    expect(await at.prisma.ownExerciseVersion.count({ where: { exerciseId: id } })).toBe(2)
  })

  test('removed cannot be chosen, and lessons that have it play on; put again it is back', async () => {
    const { id } = await bring(teacher, lab('removed'))
    const wanted = { title: 'Tuesday', level: 'guided', playlist: [id], swap: false }
    const session = (await teacher.post('/api/sessions', wanted)).json<{ id: string; code: string }>()
    await teacher.ask('DELETE', `/api/exercises/${id}`, {})
    expect(await listed(teacher)).toContainEqual(expect.objectContaining({ id, origin: 'removed' }))
    expect((await teacher.post('/api/sessions', wanted)).json()).toMatchObject({ error: 'malformed' })

    const members = []
    for (const name of ['Ada', 'Bob']) {
      const joined = await at.browser().post('/api/join', { code: session.code, name })
      members.push(joined.json<{ participant: { id: string } }>().participant.id)
    }
    await teacher.post(`/api/sessions/${session.id}/pairs`, { members })
    expect((await teacher.post(`/api/sessions/${session.id}/position`, { position: 0 })).statusCode).toBe(200)
    const [place] = await at.classroom.readPlaces(members)
    expect(place?.round?.exercise).toMatchObject({ id, title: { en: 'Our lab' } })
    expect(place?.round?.exercise.scenes[0]?.milestones.map((milestone) => milestone.id)).toEqual(['0', '1'])

    expect(await bring(teacher, lab('removed'))).toMatchObject({ id, version: 1 })
    expect(await listed(teacher)).toContainEqual(expect.objectContaining({ id, origin: 'own' }))
  })
})

describe('a bad one is refused with the words of handshake check', () => {
  test.each([
    [
      'a text that lacks Chinese',
      lab().replace('  zh: 双向传送数据\n', ''),
      /^lab\.yaml:\d+: title\.zh is missing: add the Chinese text$/,
    ],
    [
      'a goal that cannot be reached',
      lab().replace('client: ESTABLISHED\n      server: ESTABLISHED', 'client: CLOSED\n      server: CLOSED'),
      /^lab\.yaml:\d+: scenes\[0\]\.goal is not reached by two built-in partners/,
    ],
    ['no YAML', 'id: [', /^exercise\.yaml:1: /],
    ['nothing of an exercise', 'hello', /^exercise\.yaml:1: the file must be of type object$/],
  ])('%s', async (_, source, problem) => {
    const answer = await put(teacher, source)
    expect(answer.statusCode).toBe(422)
    const { error, problems } = answer.json<{ error: string; problems: string[] }>()
    expect(error).toBe('bad-exercise')
    expect(problems[0]).toMatch(problem)
  })

  test('at most forty problems are listed', async () => {
    const many = Array.from({ length: 500 }, (_, i) => `no-${i}: here`).join('\n')
    expect((await put(teacher, many)).json<{ problems: string[] }>().problems).toHaveLength(40)
  })

  test('a file of more than 100,000 characters is not read', async () => {
    expect((await put(teacher, '#'.repeat(100_001))).json()).toMatchObject({ error: 'malformed' })
  })
})

describe('a hostile file takes no more than a moment', () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...'bcdefghij'.split('').map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[i]}`).join(', ')}]`),
  ].join('\n')
  test.each([
    ['aliases of aliases', bomb],
    ['very many aliases', `a: &a x\nb: [${Array(30_000).fill('*a').join(',')}]`],
    ['deep nesting', '['.repeat(99_000)],
    ['a deep block', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['very many keys', Array.from({ length: 12_000 }, (_, i) => `k${i}:`).join('\n')],
    ['very many items', `scenes: [${Array(45_000).fill('1').join(',')}]`],
  ])('%s', async (_, source) => {
    const begun = performance.now()
    expect((await put(teacher, source)).statusCode).toBe(422)
    // Real ms, with a large margin for a busy machine.
    expect(performance.now() - begun).toBeLessThan(5_000)
  })

  test('a computation gives way after each slice, and ends at its most', async () => {
    const inSlices = createTimeSlicer({ sliceMs: 0, totalMs: 5 })
    let turns = 0
    const turn = () => void setImmediate(() => (turns++, turn()))
    turn()
    await expect(inSlices(forever())).rejects.toBeInstanceOf(WorkLimitError)
    expect(turns).toBeGreaterThan(0)
    expect(await inSlices(three()), 'the next one has its turn').toBe(3)
  })
})

function* forever(): Generator<void, never> {
  for (;;) yield
}
function* three(): Generator<void, number> {
  yield
  return 3
}

test('GET /exercise.schema.json: for editors, without signing in', async () => {
  expect((await at.browser().get('/exercise.schema.json')).json()).toEqual(JSON.parse(JSON.stringify(JSON_SCHEMA)))
})
