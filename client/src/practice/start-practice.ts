/** Starts practice rounds, and stores the learner's preferences for them. */
import type { PracticeBegun } from '../../../contract/answers.ts'
import type { BeginPractice } from '../../../contract/requests.ts'
import { PARTNER_STYLES } from '../../../protocol/round/model/partner-styles.ts'
import { callApi, type ApiResult } from '../lib/api.ts'
import { browserStorage, readStorage, writeStorage } from '../lib/storage.ts'

/** The level and the partner's settings that the learner chose last. */
export type PracticePreferences = Pick<BeginPractice, 'level' | 'partner' | 'leaves' | 'tcpByHand'>

/** How much of a segment may be left open, from the most help on. */
const LEAVES = ['one-field', 'two-fields'] as const

const STORAGE_KEY = 'practice-manner'

/** The stored form: `guided one-field at-once slow mistakes`, in any order; missing words mean the default. */
const serializePreferences = ({ level, leaves, tcpByHand, partner: { pace = 'human', style, mistakes } }: PracticePreferences) =>
  [level, leaves ?? '', pace, style ?? '', mistakes ? 'mistakes' : '', tcpByHand ? 'by-hand' : ''].join(' ').trim()

/** The stored preferences, with defaults for what is missing. */
export function loadPreferences(): PracticePreferences {
  const liked = (readStorage(browserStorage, STORAGE_KEY) ?? '').split(' ')
  const style = PARTNER_STYLES.find((each) => liked.includes(each))
  const leaves = LEAVES.find((each) => liked.includes(each))
  return {
    level: liked.includes('standard') ? 'standard' : 'guided',
    ...(leaves ? { leaves } : {}),
    tcpByHand: liked.includes('by-hand'),
    partner: {
      pace: liked.includes('at-once') ? 'at-once' : 'human',
      mistakes: liked.includes('mistakes'),
      ...(style ? { style } : {}),
    },
  }
}
export const savePreferences = (manner: PracticePreferences): void =>
  writeStorage(browserStorage, STORAGE_KEY, serializePreferences(manner))

/** Starts a round of an exercise at a seat, with the stored preferences. The answer names the participant whose page shows the round. */
export const startPractice = (what: Pick<BeginPractice, 'exercise' | 'seat'>): Promise<ApiResult<PracticeBegun>> =>
  callApi('POST /api/practice', { body: { ...what, ...loadPreferences() } })
