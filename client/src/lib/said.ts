/** What has been said in the scene that is played, as this host knows it. Pure. */
import type { Secret } from '../../../protocol/tls/secrets.ts'
import type { Happened, MessageView, OverheardView, SegmentView, View } from '../../../protocol/world/view.ts'

/** What the applications have said to each other in this scene, as far as this host knows it, oldest first. */
export function messagesOf(views: readonly View[]): readonly (MessageView & { readonly own: boolean })[] {
  return happenedHere(views).flatMap(({ wrote = [], read = [] }) => [
    ...wrote.map((message) => ({ ...message, own: true })),
    ...read.map((message) => ({ ...message, own: false })),
  ])
}

/** What has happened in this scene, view by view. */
function happenedHere(views: readonly View[]): Happened[] {
  const opened = views.findLastIndex(({ event }) => event.scene)
  const first = views[opened]?.event.scene
  return [...(first ? [first] : []), ...views.slice(opened + 1).map(({ event }) => event)]
}

/** What this host's TLS has computed and keeps to itself, the newest of each. */
export const secretsOf = (views: readonly View[]): readonly Secret[] => [
  ...new Map(happenedHere(views).flatMap(({ secrets = [] }) => secrets.map((secret) => [secret.name, secret] as const))).values(),
]

/** The segments that this host has sent or that have arrived here in this scene. */
export const segmentsOf = (views: readonly View[]): readonly SegmentView[] =>
  happenedHere(views).flatMap(({ sent = [], arrived = [] }) => [...sent, ...arrived])

/** What somebody on the wire has made of this scene's conversation. */
export const overheardOf = (views: readonly View[]): readonly OverheardView[] =>
  happenedHere(views).flatMap(({ overheard = [] }) => overheard)
