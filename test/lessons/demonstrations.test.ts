/** Exercises that are watched: two built-in partners play them. */
import { expect, it } from 'vitest'
import { createDemonstrations } from '../../server/lessons/demonstrations.ts'
import { loadExercises } from '../../exercises/load.ts'
import { readTimeline } from '../../protocol/round/fold/timeline.ts'

const exercises = loadExercises('exercises')
const demonstrations = createDemonstrations({ exercises })

it.each(['handshake', 'time-wait-lost-ack', 'https-rsa'])('%s is played to its goal, without anybody’s name', async (id) => {
  const { entries, names, links } = await demonstrations.read(id)
  expect(readTimeline(entries).at(-1)?.after.over).toBe('goal')
  expect([names, links]).toEqual([null, null])
})

it('the closing questions stay for whoever plays', async () => {
  const { entries } = await demonstrations.read('handshake')
  expect(entries.filter(({ action }) => action.kind === 'answer')).toEqual([])
})

it('is made once, and there is none of what is no built-in exercise', async () => {
  expect(await demonstrations.read('handshake')).toBe(await demonstrations.read('handshake'))
  for (const id of ['nothing', 'mine.AAAAAAAAAAAAAAAAAAAAAA'])
    await expect(demonstrations.read(id)).rejects.toMatchObject({ code: 'not-found' })
})
