/** What a student's page shows of the question that the pair discusses. Pure. */
import type { EventView, PlayerView } from '../../../protocol/round/view/seat-view.ts'
import { listAnswers } from './round-state.ts'

/** What the partner was asked and has answered alone; null before both have answered. */
export const findPartnerVote = (views: readonly PlayerView[]): NonNullable<EventView['partnerVoted']> | null =>
  views.findLast(({ event }) => event.partnerVoted)?.event.partnerVoted ?? null

/** The choice that the student has made alone; null before. */
export const findOwnVote = (views: readonly PlayerView[], question: string): number | null =>
  listAnswers(views).find((answer) => answer.question === question)?.choice ?? null

/** The student's question with its reasons, once it has been answered for the second time; null before. */
export const findVoted = (views: readonly PlayerView[]): NonNullable<EventView['voted']> | null =>
  views.findLast(({ event }) => event.voted)?.event.voted ?? null
