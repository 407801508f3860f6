/** Text formats that the teacher's pages share. */
import type { Lang } from '../../../protocol/round/model/exercise.ts'
import { formatPlayer } from './labels.ts'

/** `KTM482` as `KTM 482`: a code is read out and typed in two groups of three. */
export const formatJoinCode = (code: string): string => code.replace(/^(.{3})(.+)$/, '$1 $2')

/** A duration in ms as `0:05`, `2:10`, `1:02:03`. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const two = (n: number): string => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** `http://192.0.2.7:8080/` as one types it: `192.0.2.7:8080`. An https scheme is kept, since a browser would try http. */
export const formatAddress = (url: string): string => url.replace(/^http:\/\//, '').replace(/\/$/, '')

const toLocale = (lang: Lang): string => (lang === 'zh' ? 'zh-CN' : 'en-GB')

/** `2 March`, `3月2日`. */
export const formatDate = (date: Date, lang: Lang): string =>
  date.toLocaleDateString(toLocale(lang), { day: 'numeric', month: 'long' })

/** Date and time of an ISO 8601 instant in the reader's time zone. */
export const formatDateTime = (iso: string, lang: Lang): string =>
  new Date(iso).toLocaleString(toLocale(lang), { dateStyle: 'medium', timeStyle: 'short' })

/** `Falcon · Heron`. */
export const formatPair = (members: readonly { readonly name: string | null }[]): string =>
  members.map(({ name }) => formatPlayer(name)).join(' · ')
