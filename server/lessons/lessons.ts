/**
 * The lessons: a lesson is one row of the table Session. This module does not depend on HTTP or sockets.
 *
 * Every change of who plays what is one transaction that locks the session's row, so that concurrent changes, by two clicks or
 * two nodes, are made one after another. Rounds are started and ended after the transaction; if a node dies in between,
 * `Progress.advance` completes the work.
 */
import type { PrismaClient } from '../generated/prisma/client.ts'
import { createAutomatics, type Automatics } from './automatics.ts'
import { createBoardQueries, type BoardQueries } from './board.ts'
import type { Classroom } from './classroom.ts'
import { createJoining, type Joining } from './joining.ts'
import { createDeviceClaims, type DeviceClaims } from './device-claims.ts'
import { createHands, type Hands } from './hands.ts'
import type { Library } from './library.ts'
import { createMoving, type Moving } from './moving.ts'
import { createPairing, type Pairing } from './pairing.ts'
import type { Places } from './places.ts'
import type { Playlist } from './playlist.ts'
import { createRehearsals, type Rehearsals } from './rehearsals.ts'
import { createReopening, type Reopening } from './reopening.ts'
import { createRemoval, type Removal } from './removal.ts'
import { createSteering, type Steering } from './steering.ts'
import { createUpcoming, type Upcoming } from './upcoming.ts'
import { createSessionAdmin, type SessionAdmin } from './session-admin.ts'

/** All methods reject with an `ApiError`: `not-found`, `session-ended`, `malformed`, `wrong-code`, `too-many`. */
export type Lessons = SessionAdmin &
  Joining &
  Removal &
  Hands &
  DeviceClaims &
  Pairing &
  Moving &
  Automatics &
  Rehearsals &
  Upcoming &
  Steering &
  Playlist &
  Reopening &
  Places &
  BoardQueries

export interface LessonsDeps extends Pick<
  Classroom,
  'places' | 'playlist' | 'progress' | 'presence' | 'rounds' | 'lifecycle' | 'notifier'
> {
  readonly prisma: PrismaClient
  readonly library: Library
  readonly now: () => Date
  /** Numbers in [0, 1). */
  readonly random: () => number
}

export function createLessons(deps: LessonsDeps): Lessons {
  const pairing = createPairing(deps)
  return {
    ...createSessionAdmin(deps),
    ...createJoining(deps),
    ...createRemoval(deps),
    ...createHands(deps),
    ...createDeviceClaims(deps),
    ...pairing,
    ...createMoving(deps),
    ...createAutomatics({ ...deps, makePair: pairing.makePair }),
    ...createRehearsals({ ...deps, pairing }),
    ...createUpcoming(deps),
    ...createSteering(deps),
    ...deps.playlist,
    ...createReopening(deps),
    ...deps.places,
    ...createBoardQueries(deps),
  }
}
