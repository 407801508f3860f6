import type { Act } from '../../contract/events.ts'
import { describe, expect, it } from 'vitest'
import type { Place, RoundPlace } from '../../contract/places.ts'
import type { ActView, EventView, NowView, PlayerView } from '../../protocol/round/view/seat-view.ts'
import { ACK, SYN } from '../../protocol/segment.ts'
import { EMPTY_DRAFT, buildSendAction, type FormDraft, type SendAction } from '../../client/src/round/form-draft.ts'
import {
  listFinishedScenes,
  listCurrentHints,
  hasMovedOn,
  INITIAL_STATE,
  listOpenEvents,
  reduceRound,
  type RoundEvent,
  type PersistedState,
  type RoundState,
} from '../../client/src/round/round-state.ts'
import { leavesGap } from '../../client/src/lib/view-feed.ts'

const now = (more: Partial<NowView> = {}): NowView => ({
  scene: { number: 0, id: 'handshake' },
  turn: 'idle',
  autopilot: false,
  players: { client: 'person', server: 'person' },
  question: null,
  strangers: null,
  clock: 0,
  state: 'CLOSED',
  tcb: null,
  tls: null,
  writes: null,
  unsentOctets: 0,
  mss: 1460,
  app: { called: [], next: null },
  reasons: {},
  events: [],
  names: {},
  milestones: null,
  score: null,
  attempts: 4,
  hint: null,
  waitRequested: false,
  paused: false,
  over: null,
  ...more,
})
const view = (n: number, event: EventView = {}, more: Partial<NowView> = {}): PlayerView => ({ n, event, now: now(more) })

const text = { en: '', zh: '' }
const round = (id: string): RoundPlace => ({
  id,
  seat: 'client',
  leg: 1,
  legs: 2,
  level: 'guided',
  notation: 'textbook',
  exercise: { id: 'handshake', title: text, point: text, scenes: [] },
})
const place = (current: RoundPlace | null): Place => ({
  me: { id: 'me', name: 'Heron', hand: false, member: false },
  session: {
    id: 's',
    code: 'ABC234',
    title: 'Class',
    level: 'guided',
    ended: false,
    practice: false,
    position: 0,
    exercises: 3,
    waiting: 2,
    pausedAt: null,
    deadlineAt: null,
    announcement: '',
  },
  message: '',
  waiting: current ? null : 'for-next',
  partner: { name: 'Kite', present: true },
  round: current,
  wire: null,
  replay: null,
})

const SYN_ACK: FormDraft = { ...EMPTY_DRAFT, bits: SYN | ACK, seq: 'y', ack: 'x+1', state: 'SYN-RECEIVED' }
const action = buildSendAction(SYN_ACK) as SendAction
const act: Act = { round: 'one', id: 'act-1', seen: 1, action }
const judged = (outcome: ActView['outcome'], more: Partial<ActView> = {}): EventView => ({
  act: { id: act.id, action, outcome, findings: [], ...more },
})

const after = (
  happenings: readonly RoundEvent[],
  start: RoundState = INITIAL_STATE,
  kept: (id: string) => PersistedState | null = () => null,
): RoundState => happenings.reduce((state, happening) => reduceRound(state, happening, kept), start)

const views = (...list: PlayerView[]): RoundEvent => ({ kind: 'views', round: 'one', views: list })
const playing = after([{ kind: 'link', link: 'online' }, { kind: 'place', place: place(round('one')) }, views(view(1))])
const sent = after(
  [
    { kind: 'typed', draft: SYN_ACK },
    { kind: 'acted', act },
  ],
  playing,
)

describe('views', () => {
  it('are held in order, each once', () => {
    const state = after([views(view(2), view(2), view(1), view(3))], playing)
    expect(state.views.map((v) => v.n)).toEqual([1, 2, 3])
  })

  it('that leave a gap wait until those before them have been asked for', () => {
    const state = after([views(view(3))], playing)
    expect(state.views.map((v) => v.n)).toEqual([1])
    expect(leavesGap(playing, 'one', view(3))).toBe(true)
    expect(leavesGap(playing, 'one', view(2))).toBe(false)
    expect(leavesGap(playing, 'another', view(3))).toBe(false)
  })

  it('of another round change nothing', () => {
    expect(after([{ kind: 'views', round: 'two', views: [view(2)] }], playing)).toEqual(playing)
  })
})

describe('a draft', () => {
  it('is cleared when its segment has been sent', () => {
    expect(after([views(view(2, judged('accepted')))], sent)).toMatchObject({ draft: EMPTY_DRAFT, pending: null })
  })

  it.each(['refused', 'crossed', 'asked', 'idle', 'barred'] as const)('stays where the answer is %s', (outcome) => {
    expect(after([views(view(2, judged(outcome)))], sent)).toMatchObject({ draft: SYN_ACK, pending: null })
  })

  it('is cleared when the invigilator has played the step', () => {
    expect(after([views(view(2, judged('refused', { invigilated: true })))], sent).draft).toEqual(EMPTY_DRAFT)
  })

  it('loses the state that has rightly been claimed, and nothing else', () => {
    const claim = { kind: 'claim', event: 1, state: 'SYN-RECEIVED' } as const
    const claimed = after(
      [
        { kind: 'typed', draft: SYN_ACK },
        { kind: 'acted', act: { ...act, action: claim } },
      ],
      playing,
    )
    const told = { act: { id: act.id, action: claim, outcome: 'accepted', findings: [] } } as const
    expect(after([views(view(2, told))], claimed).draft).toEqual({ ...SYN_ACK, state: '' })
  })

  it('that has been changed since it was sent stays', () => {
    const changed = { ...SYN_ACK, seq: 'y+1' }
    expect(after([{ kind: 'typed', draft: changed }, views(view(2, judged('accepted')))], sent).draft).toEqual(changed)
  })

  it('stays through an arrival, a lost connection and an absent partner', () => {
    const state = after(
      [{ kind: 'link', link: 'restarting' }, { kind: 'partner', present: false }, views(view(2, { arrived: [] }))],
      after([{ kind: 'typed', draft: SYN_ACK }], playing),
    )
    expect(state).toMatchObject({ draft: SYN_ACK, link: 'restarting', place: { partner: { present: false } } })
  })
})

describe('an act on its way', () => {
  it('is kept until its own view has come, whoever else is heard', () => {
    const other = { act: { id: 'from-another-tab', action, outcome: 'refused', findings: [] } } as const
    expect(after([views(view(2, other), view(3, { arrived: [] }))], sent).pending).toBe(act)
  })

  it('is recalled with the draft when the page is loaded again', () => {
    const reloaded = after([{ kind: 'place', place: place(round('one')) }], INITIAL_STATE, (id) =>
      id === 'one' ? { draft: SYN_ACK, pending: act } : null,
    )
    expect(reloaded).toMatchObject({ pending: act, draft: SYN_ACK, views: [] })
    expect(after([views(view(1), view(2, judged('accepted')))], reloaded)).toMatchObject({ pending: null, draft: EMPTY_DRAFT })
  })

  it('that the server cannot take leaves the draft and says why', () => {
    const failure = { ok: false, error: 'too-many', retryAfter: 2 } as const
    const state = after([{ kind: 'failed', id: act.id, failure }], sent)
    expect(state).toMatchObject({ pending: null, failure, draft: SYN_ACK })
    expect(after([{ kind: 'failed', id: 'older', failure }], sent)).toBe(sent)
  })
})

describe('the round on show', () => {
  it('stays after its end until the student goes on', () => {
    const over = after([views(view(2, {}, { over: 'goal' })), { kind: 'place', place: place(round('two')) }], playing)
    expect(over.round?.id).toBe('one')
    expect(hasMovedOn(over)).toBe(true)
    expect(after([{ kind: 'next-round-shown' }], over)).toMatchObject({ round: { id: 'two' }, views: [], draft: EMPTY_DRAFT })
  })

  it('stays when the class waits', () => {
    const over = after([{ kind: 'place', place: place(null) }], playing)
    expect(over).toMatchObject({ round: { id: 'one' }, place: { waiting: 'for-next' } })
    expect(after([{ kind: 'next-round-shown' }], over).round).toBeNull()
  })

  it('appears by itself where there was none', () => {
    const waiting = after([{ kind: 'place', place: place(null) }])
    expect(waiting.round).toBeNull()
    expect(after([{ kind: 'place', place: place(round('one')) }], waiting).round?.id).toBe('one')
  })
})

it('of a scene that was cut off, what it would have shown is not told', () => {
  const second = { scene: { number: 1, id: 'other' } }
  const played = [view(1), view(2, {}, second)]
  expect(listFinishedScenes([...played, view(3, {}, { ...second, over: 'ended' })])).toEqual(['handshake'])
  expect(listFinishedScenes([...played, view(3, {}, { ...second, over: 'goal' })])).toEqual(['handshake', 'other'])
  expect(listFinishedScenes([view(1, {}, { over: 'moved-on' })])).toEqual([])
})

describe('what is open', () => {
  it('is the events that may still be answered, with what happened in them', () => {
    const list = [view(1), view(2, { fired: ['retransmission'] }), view(3, { arrived: [] }, { events: [2, 3] })]
    expect(listOpenEvents(list)).toEqual([
      { event: 2, arrived: [], fired: ['retransmission'] },
      { event: 3, arrived: [], fired: [] },
    ])
  })

  it('is the hints bought for the oldest open milestone, and not those for older ones', () => {
    const milestones = [
      { id: 'opens', status: 'met', eighths: 7 },
      { id: 'answers', status: 'open', eighths: 7 },
    ] as const
    const list = [
      view(1, { hint: { milestone: 'opens', rung: 1 } }),
      view(2, { hint: { milestone: 'answers', rung: 1 } }),
      view(3, {}, { milestones }),
    ]
    expect(listCurrentHints(list)).toEqual([{ milestone: 'answers', rung: 1 }])
  })
})
