/** Number formats of the pages: groups of three digits, points as fractions, times of day, world time in minutes and seconds. */

/** The digits of a whole number in groups of three from the right: `['2', '147', '480', '000']`. */
export const groupDigits = (value: number): string[] => String(value).split(/\B(?=(?:\d{3})+$)/)

const EIGHTHS = ['', '⅛', '¼', '⅜', '½', '⅝', '¾', '⅞'] as const

/** Formats eighths of a point: 22 is `2¾`. */
export const formatPoints = (eighths: number): string => {
  const whole = Math.floor(eighths / 8)
  const part = EIGHTHS[eighths % 8] ?? ''
  return part && whole === 0 ? part : `${whole}${part}`
}

/** The time of day of an ISO 8601 instant in the reader's time zone: `10:42`. */
export const formatTimeOfDay = (iso: string): string =>
  new Date(iso).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })

/** Formats world ms: `0.05 s`, `1.1 s`, `4 min 0.15 s`. */
export const formatWorldTime = (ms: number): string => {
  const minutes = Math.floor(ms / 60_000)
  const seconds = `${Number(((ms % 60_000) / 1000).toFixed(3))} s`
  return minutes > 0 ? `${minutes} min ${seconds}` : seconds
}
