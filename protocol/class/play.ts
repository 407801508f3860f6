/** How a program plays a participant of a class activity, in a rehearsal: from their own view alone, with beginners' mistakes. */
import type { RandomSource } from '../round/setup/random.ts'
import { ACK, SYN } from '../segment.ts'
import type { ClassAction, PhoneView } from './kinds.ts'

/** Probability that somebody tries a wrong segment first. */
const MISTAKE_PROBABILITY = 0.15
/** Probability that somebody who has vanished asks again, from another address. */
const AGAIN_PROBABILITY = 0.05

/** The participant's next act; null if there is nothing for them to do now. `view`: null before they take part. */
export function choosePhoneAct(view: PhoneView | null, random: RandomSource): ClassAction | null {
  if (!view) return { kind: 'enter' }
  if (view.kind === 'key-leak' || view.reason) return null
  if (view.kind === 'longest-wire')
    return random() < MISTAKE_PROBABILITY
      ? { kind: 'send', segment: { bits: ACK, seq: 'x', ack: 'y', length: 0 }, state: 'CLOSED' }
      : { kind: 'send-due' }
  if (view.vanishes && view.asked > 0 && random() >= AGAIN_PROBABILITY) return null
  if (view.asked === 0 && random() < MISTAKE_PROBABILITY)
    return { kind: 'send', segment: { bits: SYN, seq: 'x+1', ack: '', length: 0 }, state: 'SYN-SENT' }
  return { kind: 'send-due' }
}
