/** Plays an action of the engine for a seat: for the invigilator, and to foresee how a round goes on. */
import type { Seat } from '../../seat.ts'
import { maySend } from '../../tcp/may-send.ts'
import { rulesOf } from '../fold/current-scene.ts'
import type { EngineAction, MessageDraft } from '../model/action.ts'
import { requestWait } from './clock.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { answerQuestion, claimState, discardEvent, makeUserCall, sendSegment, writeMessage } from './host.ts'
import { encodeMessage } from './message-encoding.ts'

/** Plays the action and records its effects, without what follows from them automatically. */
export function playForSeat(recorder: EffectRecorder, seat: Seat, what: EngineAction): void {
  switch (what.kind) {
    case 'send': {
      const permission = maySend(recorder.world.hosts[seat].tcb, what.segment, { rules: rulesOf(recorder.world), calls: 'given' })
      if (permission.ok) sendSegment(recorder, seat, what.segment, permission, { useless: false })
      return
    }
    case 'call':
      return void makeUserCall(recorder, seat, what.call, 'seat')
    case 'write':
      return void encodeAndWrite(recorder, seat, what.message)
    case 'claim':
      claimState(recorder, seat, what.state, 'claim')
      break
    case 'discard':
      discardEvent(recorder, seat, what.event)
      break
    case 'answer':
      return answerQuestion(recorder, seat, what.question, what.choice)
    case 'wait':
      if (!recorder.world.seats[seat].waitRequested) requestWait(recorder, seat)
      break
  }
  recorder.record({ kind: 'done', seat, useless: false })
}

function encodeAndWrite(recorder: EffectRecorder, seat: Seat, message: MessageDraft): void {
  const encoded = encodeMessage(recorder.world, seat, 'seat', message, recorder.tlsTools)
  if (encoded.ok) writeMessage(recorder, seat, encoded)
}
