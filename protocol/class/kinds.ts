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

/** What does not change during an activity. It is stored beside the log, so that this can be folded without the exercise's file. */
export type ActivitySetup = { readonly kind: 'syn-flood' } & FloodSetup

export type ClassAction = FloodAction
export type ClassEffect = FloodEffect
export type ClassEntry = ActivityEntry<ClassAction, ClassEffect>

/** What the page of a participant shows. */
export type PhoneView = { readonly kind: 'syn-flood' } & FloodPhoneView
/** What the projector shows. */
export type ScreenView = { readonly kind: 'syn-flood' } & FloodScreenView

export type ClassActivity = Activity<FloodWorld, ClassAction, ClassEffect, PhoneView, ScreenView>

/** An activity before its first entry. */
export function createActivity(setup: ActivitySetup, { crypto }: TlsTools): ClassActivity {
  const cookieOf = createCookies(crypto)
  const flood: ActivityRules<FloodWorld, FloodAction, FloodEffect, PhoneView, ScreenView> = {
    judge: (world, actor, action) => judgeFlood(world, actor, action, cookieOf),
    apply: applyFloodEffect,
    viewFor: (world, participant) => {
      const view = viewFloodFor(world, participant)
      return view && { kind: 'syn-flood', ...view }
    },
    viewForScreen: (world) => ({ kind: 'syn-flood', ...viewFloodForScreen(world) }),
  }
  return new Activity(flood, beginFlood(setup))
}
