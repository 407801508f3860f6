/** A short click and a vibration when it becomes the student's turn. Off until the student switches it on; this browser remembers it. */
import { browserStorage, readStorage, writeStorage } from './storage.ts'

const STORAGE_KEY = 'turn-signal'
const CLICK_MS = 80
const VIBRATION_MS = 30

let isOn: boolean = $state(readStorage(browserStorage, STORAGE_KEY) === 'on')
let audio: AudioContext | undefined

/** Browsers start sound only after an act of the user, so what is given before the first one stays silent. */
function click(): void {
  audio ??= new AudioContext()
  if (audio.state === 'suspended') void audio.resume()
  const [tone, volume] = [audio.createOscillator(), audio.createGain()]
  const now = audio.currentTime
  const end = now + CLICK_MS / 1000
  tone.frequency.setValueAtTime(880, now)
  volume.gain.setValueAtTime(0.15, now)
  volume.gain.exponentialRampToValueAtTime(0.001, end)
  tone.connect(volume).connect(audio.destination)
  tone.start(now)
  tone.stop(end)
}

export const turnSignal = {
  get isOn(): boolean {
    return isOn
  },
  /** Switching it on gives the signal once. */
  toggle(): void {
    isOn = !isOn
    writeStorage(browserStorage, STORAGE_KEY, isOn ? 'on' : null)
    turnSignal.give()
  },
  /** Does nothing while it is off. */
  give(): void {
    if (!isOn) return
    click()
    // Safari and Firefox have no vibration.
    ;(navigator as { vibrate?: (ms: number) => boolean }).vibrate?.(VIBRATION_MS)
  },
}
