/** The teacher's lessons. Each route that changes a lesson answers with its board. */
import { Type } from 'typebox'
import { Board, SessionInfo } from '../answers.ts'
import {
  Announcement,
  Automatics,
  ClaimDecision,
  Door,
  GivenTime,
  Move,
  MoveToPosition,
  NewName,
  NewPair,
  NewSession,
  Pairing,
  Pause,
  Rehearse,
  SessionChange,
  Upcoming,
} from '../requests.ts'
import { Id } from '../schema-parts.ts'
import { declareRoutes, SESSION_PARAMS } from './declare-routes.ts'

export const SESSION_ROUTES = declareRoutes({
  'GET /api/sessions': { summary: 'My sessions, newest first', access: 'teacher', answer: Type.Array(SessionInfo) },
  'POST /api/sessions': { summary: 'A new session', access: 'teacher', body: NewSession, answer: SessionInfo },
  'GET /api/sessions/:session': {
    summary: 'The board',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    answer: Board,
  },
  'PATCH /api/sessions/:session': {
    summary:
      'Rename a session, put it away, or delete it, and undo each; one that is being played has to be ended before it is deleted',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    body: SessionChange,
    answer: SessionInfo,
  },
  'POST /api/sessions/:session/pairing': {
    summary: 'Pair everybody who is present and has no pair',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    body: Pairing,
    answer: Board,
  },
  'POST /api/sessions/:session/pairs': {
    summary:
      'Make a pair of these: two, a third on the wire between them, or one with the built-in partner; they leave their pairs',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    body: NewPair,
    answer: Board,
  },
  'DELETE /api/sessions/:session/pairs/:pair': {
    summary: 'Take a pair apart',
    access: 'teacher of the session',
    params: Type.Object({ session: Id, pair: Id }),
    answer: Board,
  },
  'DELETE /api/sessions/:session/participants/:participant': {
    summary: 'Remove a participant, whose device is signed out; their pair is taken apart',
    access: 'teacher of the session',
    params: Type.Object({ session: Id, participant: Id }),
    answer: Board,
  },
  'DELETE /api/sessions/:session/participants/:participant/hand': {
    summary: "Take a participant's hand down",
    access: 'teacher of the session',
    params: Type.Object({ session: Id, participant: Id }),
    answer: Board,
  },
  'POST /api/sessions/:session/participants/:participant/place': {
    summary:
      'Move a student into a pair, in place of its built-in partner or onto its wire, or let two students trade places; rounds of pairs that change end',
    access: 'teacher of the session',
    params: Type.Object({ session: Id, participant: Id }),
    body: Move,
    answer: Board,
  },
  'POST /api/sessions/:session/claims/:participant': {
    summary: 'Grant or refuse the claim of a participant to be another one, on another device',
    access: 'teacher of the session',
    params: Type.Object({ session: Id, participant: Id }),
    body: ClaimDecision,
    answer: Board,
  },
  'DELETE /api/sessions/:session/unpaired': {
    summary: 'Remove everybody who has no pair, as one participant is removed',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    answer: Board,
  },
  'DELETE /api/sessions/:session/absent': {
    summary: 'Remove everybody who is not there and has never had a pair',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    answer: Board,
  },
  'POST /api/sessions/:session/position': {
    summary: 'Open an exercise of the playlist for all pairs; unfinished rounds end',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    body: MoveToPosition,
    answer: Board,
  },
  'POST /api/sessions/:session/upcoming': {
    summary: 'Replace the exercises that have not begun; level and swap hold from the next one on',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    body: Upcoming,
    answer: Board,
  },
  'POST /api/sessions/:session/automatics': {
    summary: 'Choose what happens by itself: to pairs that are through, to those who come late, and to claims from another device',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    body: Automatics,
    answer: Board,
  },
  'POST /api/sessions/:session/rehearsals': {
    summary: 'A copy of the session in which a program plays the students, under way',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    body: Rehearse,
    answer: SessionInfo,
  },
  'POST /api/sessions/:session/pause': {
    summary: 'Pause all rounds, also those that begin meanwhile, or let them go on',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    body: Pause,
    answer: Board,
  },
  'POST /api/sessions/:session/announcement': {
    summary: 'Say something to everybody, also to those who come later, or take it back',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    body: Announcement,
    answer: Board,
  },
  'POST /api/sessions/:session/time': {
    summary: 'Give so many minutes from now, or more if a time is running, or take the end away; it is shown, and ends nothing',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    body: GivenTime,
    answer: Board,
  },
  'POST /api/sessions/:session/pairs/:pair/message': {
    summary: 'Say something to a pair, or take it back',
    access: 'teacher of the session',
    params: Type.Object({ session: Id, pair: Id }),
    body: Announcement,
    answer: Board,
  },
  'POST /api/sessions/:session/participants/:participant/name': {
    summary: 'Rename a participant; a number is appended if somebody has a name that looks the same',
    access: 'teacher of the session',
    params: Type.Object({ session: Id, participant: Id }),
    body: NewName,
    answer: Board,
  },
  'POST /api/sessions/:session/door': {
    summary: 'Let nobody new join, or let them again; who has joined stays and can come back',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    body: Door,
    answer: Board,
  },
  'POST /api/sessions/:session/end': {
    summary: 'End the session',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    answer: Board,
  },
  'POST /api/sessions/:session/reopen': {
    summary: 'Open a session again that has ended; pairs that its end has cut off begin their exercise anew',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    answer: Board,
  },
})
