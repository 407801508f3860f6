/**
 * The arrows of a ladder as letters: `c` and `s` were sent by client and server; `x` and `y` were refused to client and server.
 */
import { buildRowsFromLog } from '../../client/src/timeline/rows-from-log.ts'
import type { Arrow, Timeline } from '../../protocol/round/fold/timeline.ts'

const LETTERS = { sent: { client: 'c', server: 's' }, refused: { client: 'x', server: 'y' } }

/** The letters of a sequence of arrows. */
export const drawArrows = (arrows: readonly Arrow[]): string => arrows.map(({ kind, from }) => LETTERS[kind][from]).join('')

/** All arrows of the teacher's ladder of the whole log: segments that a host sent, and refused drafts of segments. */
export const arrowsOfLadder = (timeline: Timeline): string =>
  drawArrows(
    buildRowsFromLog(timeline).flatMap((row): Arrow[] => {
      if (row.kind === 'sent') return [{ kind: 'sent', from: row.seat }]
      return row.kind === 'refused' && row.act.kind === 'send' ? [{ kind: 'refused', from: row.seat }] : []
    }),
  )
