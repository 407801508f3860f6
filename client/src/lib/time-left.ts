import { formatDuration } from './text-formats.ts'

/** A session's end of time, and since when it stands still, both ISO 8601. */
interface GivenTime {
  readonly pausedAt: string | null
  readonly deadlineAt: string | null
}

/** How much time is left (`4:05`) at `now`, ms since 1970; null if no time was given. */
export function formatTimeLeft({ pausedAt, deadlineAt }: GivenTime, now: number): string | null {
  if (deadlineAt === null) return null
  const left = Date.parse(deadlineAt) - (pausedAt === null ? now : Date.parse(pausedAt))
  return formatDuration(Math.max(0, Math.ceil(left / 1000) * 1000))
}
