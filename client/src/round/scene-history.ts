/** Selectors over the views of the current scene: messages, secrets, segments, eavesdropper reports. Pure. */
import { inOrder } from '../ladder/rows.ts'
import type { NamedSecret } from '../../../protocol/tls/endpoint/list-secrets.ts'
import type { Happenings, MessageView, OverheardView, SegmentView, PlayerView } from '../../../protocol/round/view/seat-view.ts'

/** The messages that this host has written and read in this scene, oldest first. */
export function listMessages(views: readonly PlayerView[]): readonly (MessageView & { readonly own: boolean })[] {
  return listSceneEvents(views).flatMap(({ wrote = [], read = [] }) => [
    // What is read comes before what is written at the same time, as an answer.
    ...[...read.map((message) => ({ ...message, own: false })), ...wrote.map((message) => ({ ...message, own: true }))].sort(
      (a, b) => a.at - b.at,
    ),
  ])
}

/** The events of this scene, view by view. */
function listSceneEvents(views: readonly PlayerView[]): Happenings[] {
  const opened = views.findLastIndex(({ event }) => event.scene)
  const first = views[opened]?.event.scene
  return [...(first ? [first] : []), ...views.slice(opened + 1).map(({ event }) => event)]
}

/** The secrets that this host's TLS has computed, the newest of each name. */
export const listSecrets = (views: readonly PlayerView[]): readonly NamedSecret[] => [
  ...new Map(
    listSceneEvents(views).flatMap(({ secrets = [] }) => secrets.map((secret) => [secret.name, secret] as const)),
  ).values(),
]

/** The segments that this host has sent or received in this scene. */
export const listSegments = (views: readonly PlayerView[]): readonly SegmentView[] =>
  listSceneEvents(views).flatMap(({ sent = [], arrived = [] }) => inOrder(sent, arrived))

/** What an eavesdropper has derived from this scene's conversation. */
export const listOverheard = (views: readonly PlayerView[]): readonly OverheardView[] =>
  listSceneEvents(views).flatMap(({ overheard = [] }) => overheard)
