/** The built-in partner's playing styles. All of them are legal. */
export const PARTNER_STYLES = ['exact', 'piggybacking', 'slow'] as const
/**
 * - `exact`: answers what has arrived before its application makes its next call.
 * - `piggybacking`: lets its application make its call first, so that the acknowledgment travels with the data.
 * - `slow`: acts as `exact` does, but takes longer.
 */
export type PartnerStyle = (typeof PARTNER_STYLES)[number]

/** One of these is drawn where nobody has chosen: it is slow only for those who want that. */
export const DRAWN_STYLES: readonly PartnerStyle[] = ['exact', 'piggybacking']
