/** The kinds of class activities. A file of its own, so that pages and schemas can load the names without the judges. */

export const ACTIVITY_KINDS = ['syn-flood', 'key-leak', 'longest-wire'] as const
export type ActivityKind = (typeof ACTIVITY_KINDS)[number]
