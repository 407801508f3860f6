/** What the pages of grades say about shares, cells and records. */
import type { BookSession, Deduction, GradeRecordInfo, Scheme, SessionCell } from '../../../../contract/grades.ts'
import { m } from '../../generated/messages.ts'
import { localize } from '../../lib/lang.svelte.ts'
import { nameMistake } from '../../lib/mistake-names.ts'
import { formatPoints } from '../../lib/number-formats.ts'

/** A percentage with one decimal at most; a dash for nothing. */
export const formatShare = (share: number | null): string => (share === null ? '–' : `${Math.round(share * 1000) / 10} %`)

/** Points as fractions; a mean of regraded scores may lie between eighths. */
export const formatGradePoints = (points: number): string => formatPoints(points * 8) || '0'

type Flags = Pick<SessionCell, 'overridden' | 'excused' | 'missed' | 'dropped' | 'contested'>

/** The flags of a grade that are set, in words. */
export const listFlags = ({ overridden, excused, missed, dropped, contested }: Flags): string[] => [
  ...(overridden ? [m.grades_flag_overridden()] : []),
  ...(excused ? [m.grades_flag_excused()] : []),
  ...(missed ? [m.grades_flag_missed()] : []),
  ...(dropped ? [m.grades_flag_dropped()] : []),
  ...(contested ? [m.grades_flag_contested()] : []),
]

/** The title of the exercise at a place of the playlist; its id if this server no longer has it. */
export const titleOf = ({ exercises }: Pick<BookSession, 'exercises'>, position: number): string => {
  const exercise = exercises[position]
  return exercise?.title ? localize(exercise.title) : (exercise?.id ?? '')
}

export const describeLoss = ({ points, mistake, rung }: Pick<Deduction, 'points' | 'mistake' | 'rung'>): string => {
  const why = mistake ? nameMistake(mistake) : rung ? m.results_loss_hint({ rung }) : m.results_loss_given_up()
  return m.grades_loss({ points: formatGradePoints(points), why })
}

const CONTEST_TEXTS = {
  open: m.grades_contest_open,
  upheld: m.grades_contest_upheld,
  rejected: m.grades_contest_rejected,
} as const

export const describeContest = (status: keyof typeof CONTEST_TEXTS): string => CONTEST_TEXTS[status]()

const KIND_NAMES = {
  scheme: m.grades_kind_scheme,
  weight: m.grades_kind_weight,
  override: m.grades_kind_override,
  excuse: m.grades_kind_excuse,
  remark: m.grades_kind_remark,
  release: m.grades_kind_release,
  contest: m.grades_kind_contest,
  decision: m.grades_kind_decision,
  regrade: m.grades_kind_regrade,
} as const

export const nameKind = (kind: GradeRecordInfo['kind']): string => KIND_NAMES[kind]()

const ROUND_POLICIES = { best: m.grades_scheme_best, last: m.grades_scheme_last, mean: m.grades_scheme_mean } as const
const MISSED_POLICIES = { 'left-out': m.grades_scheme_left_out, zero: m.grades_scheme_zero } as const
const VERDICTS: { readonly [V in string]?: () => string } = {
  open: m.grades_value_open,
  upheld: m.grades_value_upheld,
  rejected: m.grades_value_rejected,
}

/** The value before or after a change. */
export function formatValue(kind: GradeRecordInfo['kind'], value: GradeRecordInfo['before']): string {
  if (value === null || value === '') return m.grades_value_none()
  if (typeof value === 'boolean') return value ? m.grades_value_yes() : m.grades_value_no()
  if (typeof value === 'number') return kind === 'override' ? formatShare(value) : String(value)
  if (typeof value === 'string') return (kind === 'contest' || kind === 'decision' ? VERDICTS[value]?.() : undefined) ?? value
  return formatScheme(value)
}

const formatScheme = ({ rounds, missed, dropLowest }: Scheme): string =>
  m.grades_value_scheme({ rounds: ROUND_POLICIES[rounds](), missed: MISSED_POLICIES[missed](), drop: dropLowest })

/** Date and time in the reader's language and time zone. */
export const formatMoment = (iso: string, lang: string): string =>
  new Date(iso).toLocaleString(lang === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short' })
