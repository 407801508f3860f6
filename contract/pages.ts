/** The paths of the pages. This file has no schemas, so that pages can load it. */

/** The paths of the pages. If several match, the first one applies. */
export const PAGE_PATHS = [
  '/',
  '/j/:code',
  '/m/:token',
  '/r/:participant',
  '/replay/round/:round',
  '/replay/:token',
  '/glossary',
  '/practice',
  '/practice/:exercise',
  '/tutorial',
  '/check',
  '/lti/launched/:platform',
  '/lti/refused/:platform',
  '/lti/registered/:platform',
  '/privacy',
  '/teach',
  '/teach/account',
  '/teach/colleagues',
  '/teach/platforms',
  '/teach/exercises',
  '/teach/exercises/:exercise',
  '/teach/courses',
  '/teach/courses/:course',
  '/teach/courses/:course/members',
  '/teach/courses/:course/staff',
  '/teach/courses/:course/sheet',
  '/teach/courses/:course/grades',
  '/teach/:session',
  '/teach/:session/join',
  '/teach/:session/class',
  '/teach/:session/results',
  '/teach/:session/screen',
  '/teach/:session/round/:round',
] as const
export type PagePath = (typeof PAGE_PATHS)[number]

type ServedPath = Exclude<PagePath, `/teach/${string}`> | '/teach/*'
/**
 * The paths at which the server serves the pages' document. All of the teacher's pages are served at `/teach/*`: the document
 * itself determines which of them it shows, or that there is no such page.
 */
export const listServedPaths = (): readonly ServedPath[] => [
  ...PAGE_PATHS.filter((path): path is Exclude<PagePath, `/teach/${string}`> => !path.startsWith('/teach/')),
  '/teach/*',
]
