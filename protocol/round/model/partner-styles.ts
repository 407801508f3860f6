/** The ways in which the built-in partner may play: all of them legal. */
export const PARTNER_STYLES = ['exact', 'piggybacking', 'slow'] as const
/**
 * - `exact`: answers what arrived before its application calls.
 * - `piggybacking`: lets its application call first, so that the answer rides on what it sends.
 * - `slow`: as exact, and takes its time.
 */
export type PartnerStyle = (typeof PARTNER_STYLES)[number]
