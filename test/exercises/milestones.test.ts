/** Rules that authors must follow when they write milestones. */
import { SEATS } from '../../protocol/seat.ts'
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'

const scenes = loadExercises('exercises')
  .published()
  .flatMap((exercise) => exercise.scenes.map((scene) => ({ ...scene, of: exercise.id })))
const sides = scenes.flatMap((scene) => SEATS.map((seat) => ({ of: scene.of, id: scene.id, seat, scene })))

/** Each milestone of a scene, with a unique name. */
const milestones = sides.flatMap(({ of, id, seat, scene }) =>
  scene.milestones[seat].map((milestone) => ({ ...milestone, name: `${of}, scene ${id}, ${seat}, ${milestone.id}`, scene })),
)

describe('a milestone is opened by what it is about', () => {
  test.each(milestones.flatMap(({ name, deed, opens }) => ('says' in deed ? [{ name, says: deed.says, opens }] : [])))(
    '$name asks for a state: being in it opens it',
    ({ says, opens }) => expect(opens).toMatchObject({ been: says }),
  )

  test.each(
    milestones.flatMap(({ name, deed, opens }) =>
      'acknowledges' in deed && deed.acknowledges !== 'window' ? [{ name, what: deed.acknowledges, opens }] : [],
    ),
  )('$name asks to acknowledge what arrives: its arrival opens it', ({ what, opens }) =>
    expect([{ received: what }, { read: expect.any(String) }]).toContainEqual(opens),
  )
})

test.each(sides.filter(({ seat, scene }) => scene.goal[seat] !== scene.opening[seat].state))(
  '$of, scene $id: at the goal at the latest, the $seat has said the state it is in',
  ({ seat, scene }) => {
    const said = scene.milestones[seat].flatMap(({ deed }) => ('says' in deed ? [deed.says] : []))
    expect(said).toContain(scene.goal[seat])
  },
)

test.each(milestones)('$name: no text gives a number of the notation away', ({ text, nudge, concept, scene }) => {
  const given = new RegExp(`\\b[${Object.keys(scene.names).join('')}]\\s*[+＋]`)
  for (const words of [text, nudge, concept]) for (const written of Object.values(words)) expect(written).not.toMatch(given)
})
