/** Finds errors in an exercise file that the schema cannot express. */
import { encodeUtf8 } from '../protocol/octets.ts'
import { SEATS } from '../protocol/seat.ts'
import { scoredStepsOf, type Exercise, type Question, type Scene } from '../protocol/round/model/exercise.ts'
import { getIdentity, type IdentityId } from './certificates.ts'

/** A problem in a file: its location, as keys and indices from the root, and what is wrong and how to correct it. */
export interface Problem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Contradictions between parts of an exercise that conforms to the schema; empty if there are none. */
export function findContradictions(exercise: Exercise): Problem[] {
  const problems: Problem[] = []
  exercise.scenes.forEach((scene, i) => {
    for (const { path, message } of findSceneContradictions(scene, exercise))
      problems.push({ path: ['scenes', i, ...path], message })
    const before = exercise.scenes.slice(0, i)
    if (before.some(({ id }) => id === scene.id))
      problems.push({ path: ['scenes', i, 'id'], message: 'is that of an earlier scene: choose another id' })
    const others = before.filter(({ family }) => family === undefined || family !== scene.family)
    for (const seat of SEATS)
      for (const { id } of scoredStepsOf(scene, seat))
        if (others.some((other) => scoredStepsOf(other, seat).some((step) => step.id === id)))
          problems.push({
            path: ['scenes', i, 'milestones', seat],
            message: `has a ${id}, which an earlier scene has already: choose another id`,
          })
  })
  return [...problems, ...findPoolContradictions(exercise)]
}

function findPoolContradictions({ scenes, pool }: Exercise): Problem[] {
  const problems: Problem[] = []
  for (const seat of SEATS)
    pool?.[seat]?.forEach((question, i, questions) => {
      const path = ['pool', seat, i]
      const taken =
        questions.findIndex(({ id }) => id === question.id) < i ||
        scenes.some((scene) => scoredStepsOf(scene, seat).some(({ id }) => id === question.id))
      if (taken) problems.push({ path: [...path, 'id'], message: `the ${seat} already has a ${question.id}: choose another id` })
      for (const id of question.scenes ?? [])
        if (!scenes.some((scene) => scene.id === id))
          problems.push({ path: [...path, 'scenes'], message: `has ${id}, which is no scene: correct the name` })
      problems.push(...findChoiceProblems(question, path))
    })
  return problems
}

const findChoiceProblems = ({ choices }: Pick<Question, 'choices'>, path: Problem['path']): Problem[] => {
  const right = choices.filter((choice) => choice.right).length
  return right === 1 ? [] : [{ path: [...path, 'choices'], message: `exactly one choice must be right: true, and ${right} are` }]
}

const chainOctetsOf = (id: string): number => getIdentity(id as IdentityId).chain.reduce((sum, { der }) => sum + der.length / 2, 0)

function findSceneContradictions(scene: Scene, { notation, tcp }: Exercise): Problem[] {
  const problems: Problem[] = []
  const report = (path: Problem['path'], message: string) => problems.push({ path, message })

  for (const [name, { min, max }] of Object.entries(scene.lengths ?? {}))
    if (min > max) report(['lengths', name], `min ${min} is greater than max ${max}: swap them`)

  for (const [name, { of, is, before }] of Object.entries(scene.names)) {
    if (is === 'next' && scene.opening[of].state !== 'ESTABLISHED')
      report(['names', name, 'is'], `the ${of} does not open ESTABLISHED and has no next number yet: use iss`)
    if (before !== undefined && is !== 'earlier') report(['names', name, 'before'], 'belongs to a name that is: earlier: remove it')
  }

  const { interceptor, server } = scene.tls ?? {}
  if (interceptor) {
    const other = server?.shows?.find((id) => chainOctetsOf(id) !== chainOctetsOf(interceptor.shows))
    if (other !== undefined)
      report(['tls', 'interceptor', 'shows'], `has not the length of ${other}: TCP's numbers go through it, so choose one that has`)
    interceptor.changes?.forEach(({ text, into }, i) => {
      if (encodeUtf8(text).length !== encodeUtf8(into).length)
        report(
          ['tls', 'interceptor', 'changes', i],
          `${text} and ${into} differ in length: TCP's numbers go through, so make them equal`,
        )
    })
  }
  if (scene.tls?.autopilot && tcp !== 'autopilot')
    report(['tls', 'autopilot'], 'works only where TCP is on autopilot: add tcp: autopilot to the exercise, or remove it')

  for (const seat of SEATS) {
    if (notation === 'textbook' && !Object.values(scene.names).some((name) => name.of === seat))
      report(['names'], `textbook notation needs a name for the ${seat}'s numbers: add one, such as x: { of: ${seat}, is: iss }`)

    scene.application[seat].forEach(({ call, write }, i) => {
      const path = ['application', seat, i]
      if ((call === undefined) === (write === undefined)) report(path, 'is either a call or a write: give it one of them')
      const own = seat === 'client' ? 'request' : 'response'
      if (write !== undefined && write !== own) report([...path, 'write'], `is not what the ${seat} writes: ${own} is`)
      if (write !== undefined && !scene.http) report([...path, 'write'], 'needs what there is to say: add http to the scene')
      if (call?.call === 'SEND' && typeof call.octets === 'string' && !(call.octets in (scene.lengths ?? {})))
        report([...path, 'call', 'octets'], `no length is called ${call.octets}: add it under lengths, or write a number`)
    })

    const ids = scene.milestones[seat].map(({ id }) => id)
    ids.forEach((id, i) => {
      if (ids.indexOf(id) < i) report(['milestones', seat, i, 'id'], `the ${seat} already has a milestone ${id}: choose another id`)
    })
    scene.questions?.[seat]?.forEach(({ id }, i) => {
      if (ids.includes(id)) report(['questions', seat, i, 'id'], `the ${seat} already has a milestone ${id}: choose another id`)
    })
    scene.questions?.[seat]?.forEach((question, i) => problems.push(...findChoiceProblems(question, ['questions', seat, i])))
  }
  return problems
}
