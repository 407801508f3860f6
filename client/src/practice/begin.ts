/** Begins a round alone, and says whose page it is on. */
import type { PracticeBegun } from '../../../contract/http.ts'
import type { BeginPractice } from '../../../contract/schemas.ts'
import { api, type Answer } from '../lib/api.ts'
import { recall, remember } from '../lib/storage.ts'

/** How a learner likes to practise, beside what. */
export type Manner = Pick<BeginPractice, 'level' | 'pace'>

const KEY = 'practice-manner'
const MANNERS: readonly Manner[] = [
  { level: 'guided', pace: 'human' },
  { level: 'guided', pace: 'at-once' },
  { level: 'standard', pace: 'human' },
  { level: 'standard', pace: 'at-once' },
]
const named = ({ level, pace }: Manner) => `${level} ${pace}`

export const likedManner = (): Manner => MANNERS.find((manner) => named(manner) === recall(localStorage, KEY)) ?? MANNERS[0]!
export const likeManner = (manner: Manner): void => remember(localStorage, KEY, named(manner))

export const begin = (what: Pick<BeginPractice, 'exercise' | 'seat'>): Promise<Answer<PracticeBegun>> =>
  api<PracticeBegun>('POST', '/api/practice', { ...what, ...likedManner() })
