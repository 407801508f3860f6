/** The round of the first minute: a handshake whose server is the built-in partner, and listens already. It is played in the page alone. */
import type { RoundPlace } from '../../../contract/places.ts'
import { DEFAULT_ATTEMPTS, DEFAULT_TIMES_MS } from '../../../protocol/round/model/exercise.ts'
import type { Script } from '../../../protocol/round/model/script.ts'
import { toOpaqueSceneId } from '../../../protocol/round/view/opaque-ids.ts'

const ID = 'tutorial'
const ISS = { client: 1_428_046_626, server: 902_114_455 }

export const TUTORIAL_SCRIPT: Script = {
  exercise: ID,
  version: 1,
  level: 'guided',
  attempts: DEFAULT_ATTEMPTS.guided,
  notation: 'textbook',
  scenes: [
    {
      id: 'handshake',
      opening: { client: { state: 'CLOSED' }, server: { state: 'LISTEN' } },
      goal: { client: 'ESTABLISHED', server: 'ESTABLISHED' },
      rules: 'rfc-9293',
      names: { x: { of: 'client', value: ISS.client }, y: { of: 'server', value: ISS.server } },
      iss: ISS,
      earlier: ISS,
      times: DEFAULT_TIMES_MS,
      application: { client: [{ by: 'exercise', call: { call: 'OPEN', mode: 'active' } }], server: [] },
      injections: [],
      milestones: { client: [], server: [] },
      questions: { client: [], server: [] },
    },
  ],
  players: { client: 'person', server: 'partner' },
  partner: { style: 'exact', pace: 'human' },
  seed: 1,
  network: false,
}

const NO_TEXT = { en: '', zh: '' }

/** What a page needs to know about the round; the texts of the first minute are the page's own. */
export const TUTORIAL_PLACE: RoundPlace = {
  id: ID,
  seat: 'client',
  leg: 1,
  legs: 1,
  level: TUTORIAL_SCRIPT.level,
  notation: TUTORIAL_SCRIPT.notation,
  exercise: {
    id: ID,
    title: NO_TEXT,
    point: NO_TEXT,
    scenes: [
      {
        id: toOpaqueSceneId(0),
        names: { x: { of: 'client', is: 'iss' }, y: { of: 'server', is: 'iss' } },
        windows: false,
        brief: NO_TEXT,
        milestones: [],
        questions: [],
      },
    ],
  },
}
