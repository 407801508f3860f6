/** The kinds of class activities, and what they have in common for whoever stores, sends and shows them. */
import type { TlsTools } from '../round/rules/tls-end.ts'
import { Activity, type ActivityEntry, type ActivityRules } from './activity.ts'
import { createCookies } from './flood/syn-cookies.ts'
import { judgeFlood } from './flood/judge-flood.ts'
import { type FloodPhoneView, type FloodScreenView, viewFloodFor, viewFloodForScreen } from './flood/flood-views.ts'
import {
  applyFloodEffect,
  beginFlood,
  type FloodAction,
  type FloodEffect,
  type FloodSetup,
  type FloodWorld,
} from './flood/flood-world.ts'
import { judgeLeak } from './leak/judge-leak.ts'
import { type LeakPhoneView, type LeakScreenView, viewLeakFor, viewLeakForScreen } from './leak/leak-views.ts'
import { applyLeakEffect, type LeakAction, type LeakEffect, type LeakWorld, NOTHING_RECORDED } from './leak/leak-world.ts'

import { judgeRelay } from './relay/judge-relay.ts'
import { type RelayPhoneView, type RelayScreenView, viewRelayFor, viewRelayForScreen } from './relay/relay-views.ts'
import {
  applyRelayEffect,
  beginRelay,
  type RelayAction,
  type RelayEffect,
  type RelaySetup,
  type RelayWorld,
} from './relay/relay-world.ts'

/** What does not change during an activity. It is stored beside the log, so that this can be folded without the exercise's file. */
export type ActivitySetup =
  ({ readonly kind: 'syn-flood' } & FloodSetup) | { readonly kind: 'key-leak' } | ({ readonly kind: 'longest-wire' } & RelaySetup)

export type ClassAction = FloodAction | LeakAction | RelayAction
export type ClassEffect = FloodEffect | LeakEffect | RelayEffect
export type ClassEntry = ActivityEntry<ClassAction, ClassEffect>

/** What the page of a participant shows. */
export type PhoneView =
  | ({ readonly kind: 'syn-flood' } & FloodPhoneView)
  | ({ readonly kind: 'key-leak' } & LeakPhoneView)
  | ({ readonly kind: 'longest-wire' } & RelayPhoneView)
/** What the projector shows. */
export type ScreenView =
  | ({ readonly kind: 'syn-flood' } & FloodScreenView)
  | ({ readonly kind: 'key-leak' } & LeakScreenView)
  | ({ readonly kind: 'longest-wire' } & RelayScreenView)

type AnyActivity<World> = Activity<World, ClassAction, ClassEffect, PhoneView, ScreenView>
/** An activity of whichever kind. */
export type ClassActivity = Pick<AnyActivity<unknown>, keyof AnyActivity<unknown>>

/** An activity before its first entry. */
export function createActivity(setup: ActivitySetup, tools: TlsTools): ClassActivity {
  switch (setup.kind) {
    case 'syn-flood': {
      const cookieOf = createCookies(tools.crypto)
      return ofKind<FloodWorld, FloodAction, FloodEffect>(
        ['enter', 'send', 'send-due', 'pass-time', 'open-scene'],
        {
          judge: (world, actor, action) => judgeFlood(world, actor, action, cookieOf),
          apply: applyFloodEffect,
          viewFor: (world, participant) => {
            const view = viewFloodFor(world, participant)
            return view && { kind: 'syn-flood', ...view }
          },
          viewForScreen: (world) => ({ kind: 'syn-flood', ...viewFloodForScreen(world) }),
        },
        beginFlood(setup),
      )
    }
    case 'key-leak':
      return ofKind<LeakWorld, LeakAction, LeakEffect>(
        ['record', 'leak'],
        {
          judge: (world, actor, action) => judgeLeak(world, actor, action, tools),
          apply: applyLeakEffect,
          viewFor: (world, participant) => ({ kind: 'key-leak', ...viewLeakFor(world, participant) }),
          viewForScreen: (world) => ({ kind: 'key-leak', ...viewLeakForScreen(world) }),
        },
        NOTHING_RECORDED,
      )
    case 'longest-wire':
      return ofKind<RelayWorld, RelayAction, RelayEffect>(
        ['enter', 'send', 'send-due', 'pass-on', 'close'],
        {
          judge: judgeRelay,
          apply: applyRelayEffect,
          viewFor: (world, participant) => {
            const view = viewRelayFor(world, participant)
            return view && { kind: 'longest-wire', ...view }
          },
          viewForScreen: (world) => ({ kind: 'longest-wire', ...viewRelayForScreen(world) }),
        },
        beginRelay(setup),
      )
  }
}

/** An activity with the actions of its own kind; those of others are barred. */
function ofKind<World, Action extends ClassAction, Effect extends ClassEffect>(
  actions: readonly Action['kind'][],
  rules: ActivityRules<World, Action, Effect, PhoneView, ScreenView>,
  world: World,
): ClassActivity {
  const isOwn = (action: ClassAction): action is Action => (actions as readonly string[]).includes(action.kind)
  return new Activity<World, ClassAction, ClassEffect, PhoneView, ScreenView>(
    {
      ...rules,
      judge: (now, actor, action) =>
        isOwn(action)
          ? rules.judge(now, actor, action)
          : { verdict: { outcome: 'barred', findings: [], reason: 'not-yours' }, effects: [] },
      // The log of an activity holds no effects but those of its own judge.
      apply: (now, effect) => rules.apply(now, effect as Effect),
    },
    world,
  )
}
