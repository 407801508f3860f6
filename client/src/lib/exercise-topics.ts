/** The topic headings in lists of exercises. */
import type { ExerciseInfo } from '../../../contract/answers.ts'
import { TOPICS, type Topic } from '../../../protocol/round/model/exercise.ts'
import { m } from '../generated/messages.ts'

const TOPIC_LABELS: { readonly [T in Topic]: () => string } = {
  opening: m.topic_opening,
  data: m.topic_data,
  closing: m.topic_closing,
  why: m.topic_why,
  corners: m.topic_corners,
  https: m.topic_https,
}

/** Groups exercises by topic and keeps their order; then come those without a topic, then the teacher's own. No group is empty. */
export const groupByTopic = (exercises: readonly ExerciseInfo[]): { name: string; exercises: readonly ExerciseInfo[] }[] =>
  [...TOPICS, null, 'own' as const]
    .map((topic) => ({
      name: topic === 'own' ? m.own_title() : topic ? TOPIC_LABELS[topic]() : m.topic_none(),
      exercises: exercises.filter((exercise) => (exercise.origin === 'own' ? 'own' : exercise.topic) === topic),
    }))
    .filter((group) => group.exercises.length > 0)
