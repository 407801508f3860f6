import { LANGS, type Lang } from '../../../protocol/round/model/exercise.ts'

export const isLang = (value: string | null | undefined): value is Lang => LANGS.some((lang) => lang === value)

/** The first of the browser's languages (BCP 47 tags) that the pages support, else English; `zh-TW` and `zh-Hans-CN` count as `zh`. */
export const pickLanguage = (tags: readonly string[]): Lang =>
  tags.map((tag) => tag.toLowerCase().split('-')[0]).find(isLang) ?? 'en'
