import { SEATS } from '../../protocol/seat.ts'
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'

const exercises = loadExercises('exercises').published()

describe.each(exercises.flatMap((exercise) => exercise.scenes.map((scene) => [exercise.id, scene.id, scene] as const)))(
  'exercise %s, scene %s',
  (_, __, scene) => {
    test.each(SEATS)('%s: a state that a milestone asks for opens it', (seat) => {
      for (const { deed, opens } of scene.milestones[seat]) if ('says' in deed) expect(opens).toMatchObject({ been: deed.says })
    })

    test.each(SEATS)('%s: an arrival that a milestone asks to acknowledge opens it', (seat) => {
      for (const { deed, opens } of scene.milestones[seat])
        if ('acknowledges' in deed && deed.acknowledges !== 'window')
          expect([{ received: deed.acknowledges }, { read: expect.any(String) }]).toContainEqual(opens)
    })

    test('at the goal at the latest, both seats have said the state they are in', () => {
      for (const seat of SEATS)
        if (scene.goal[seat] !== scene.opening[seat].state)
          expect(scene.milestones[seat].some(({ deed }) => 'says' in deed && deed.says === scene.goal[seat])).toBe(true)
    })

    test('no text of a milestone gives a number of the notation away', () => {
      const names = Object.keys(scene.names).join('')
      for (const seat of SEATS)
        for (const milestone of scene.milestones[seat])
          for (const text of [milestone.text, milestone.nudge, milestone.concept])
            for (const written of Object.values(text)) expect(written).not.toMatch(new RegExp(`\\b[${names}]\\s*[+＋]`))
    })
  },
)
