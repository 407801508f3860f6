/** Decides about a composed message: whether TLS and TCP can carry it, its own protocol allows it, and the application wants to send it. */
import { deepEqual } from '../../deep-equal.ts'
import type { Seat } from '../../seat.ts'
import { processCall } from '../../tcp/user-calls.ts'
import type { MessageChoice } from '../../tls/endpoint/endpoint.ts'
import type { MessageDraft } from '../model/action.ts'
import { nextApplicationStep } from '../fold/progress.ts'
import { sendCallOf, writeMessage } from './host.ts'
import { isWantedMessage, judgeHttpMessage, httpMessageKindOf } from './http-application.ts'
import type { ScriptHttp } from '../model/script.ts'
import { permit, type Decision } from './decision.ts'
import { nextApplicationTask } from './next-action.ts'
import type { TlsTools } from './tls-end.ts'
import { encodeMessage } from './message-encoding.ts'
import type { World } from '../model/world.ts'
import { sceneOf } from '../fold/current-scene.ts'

/** Decides whether a seat may write a message now. `tools`: required for scenes with TLS. */
export function evaluateWrite(world: World, seat: Seat, message: MessageDraft, tools: TlsTools | undefined): Decision {
  const { http, tls } = sceneOf(world)
  if (!(message.kind === 'http' ? http : tls)) return { kind: 'barred', reason: 'not-yours' }
  const encoded = encodeMessage(world, seat, 'seat', message, tools)
  if (!encoded.ok) return { kind: 'wrong', findings: encoded.findings }
  const decision = message.kind === 'http' && http ? evaluateHttpText(http, world, seat, message.text) : null
  if (decision) return decision
  if (!processCall(world.hosts[seat].tcb, sendCallOf(encoded)).ok) return { kind: 'barred', reason: 'call-refused' }
  return permit(
    (recorder) => void writeMessage(recorder, seat, encoded),
    message.kind === 'tls' ? assessTlsMessage(world, seat, message) : {},
  )
}

/** Why an HTTP message must not be written, by RFC 9112 or because the application does not want it now; null if it may be written. */
function evaluateHttpText(http: ScriptHttp, world: World, seat: Seat, text: string): Decision | null {
  const judged = judgeHttpMessage(http, world, seat, text)
  if (!judged.ok) return { kind: 'wrong', findings: [judged.finding] }
  const next = nextApplicationStep(world, seat)
  if (next?.step.by !== 'seat' || next.step.write !== httpMessageKindOf(seat)) return { kind: 'barred', reason: 'not-wanted' }
  if (!next.ready) return { kind: 'barred', reason: 'not-yet' }
  return isWantedMessage(http, judged.message) ? null : { kind: 'barred', reason: 'not-wanted' }
}

/** Messages by which a side may put the goal out of reach: what it offers or chooses may leave nothing in common, and an alert ends it. */
const MAY_END_ROUND: readonly MessageChoice['say'][] = ['ClientHello', 'ServerHello', 'HelloRetryRequest', 'Alert']

/** Whether a legal TLS message is useless, and whether it may make the goal unreachable. */
function assessTlsMessage(
  world: World,
  seat: Seat,
  { choice }: Extract<MessageDraft, { kind: 'tls' }>,
): { useless: boolean; mayEndRound: boolean } {
  const due = nextApplicationTask(world, seat)
  const dueChoice = due?.kind === 'write' && due.message.kind === 'tls' ? due.message.choice : null
  const useless = dueChoice?.say !== choice.say && (choice.say === 'HelloRequest' || choice.say === 'KeyUpdate')
  return { useless, mayEndRound: MAY_END_ROUND.includes(choice.say) && !deepEqual(choice, dueChoice) }
}
