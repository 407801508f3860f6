/** Begins a round alone, and says whose page it is on. */
import type { PracticeBegun } from '../../../contract/http.ts'
import type { BeginPractice } from '../../../contract/schemas.ts'
import { STYLES } from '../../../protocol/world/styles.ts'
import { api, type Answer } from '../lib/api.ts'
import { recall, remember } from '../lib/storage.ts'

/** How a learner likes to practise, beside what. */
export type Manner = Pick<BeginPractice, 'level' | 'partner'>

const KEY = 'practice-manner'

/** As it is kept: `standard at-once slow mistakes`, in any order; what says nothing stands for what is usual. */
const named = ({ level, partner: { pace = 'human', style, mistakes } }: Manner) =>
  [level, pace, style ?? '', mistakes ? 'mistakes' : ''].join(' ').trim()

export function likedManner(): Manner {
  const liked = (recall(localStorage, KEY) ?? '').split(' ')
  const style = STYLES.find((each) => liked.includes(each))
  return {
    level: liked.includes('standard') ? 'standard' : 'guided',
    partner: {
      pace: liked.includes('at-once') ? 'at-once' : 'human',
      mistakes: liked.includes('mistakes'),
      ...(style ? { style } : {}),
    },
  }
}
export const likeManner = (manner: Manner): void => remember(localStorage, KEY, named(manner))

export const begin = (what: Pick<BeginPractice, 'exercise' | 'seat'>): Promise<Answer<PracticeBegun>> =>
  api<PracticeBegun>('POST', '/api/practice', { ...what, ...likedManner() })
