/** The addresses of the pages. A file without schemas: the pages load it. */

/** Where several fit, the first does. */
export const PAGE_PATHS = [
  '/',
  '/j/:code',
  '/r/:participant',
  '/replay/round/:round',
  '/replay/:token',
  '/glossary',
  '/practice',
  '/check',
  '/teach',
  '/teach/exercises',
  '/teach/exercises/:exercise',
  '/teach/:session',
  '/teach/:session/join',
  '/teach/:session/round/:round',
] as const
export type PagePath = (typeof PAGE_PATHS)[number]

type ServedPath = Exclude<PagePath, `/teach/${string}`> | '/teach/*'
/** Where the server serves the pages' document. Which of the teacher's pages it is below `/teach`, or that it is none, the document tells. */
export const listServedPaths = (): readonly ServedPath[] => [
  ...PAGE_PATHS.filter((path): path is Exclude<PagePath, `/teach/${string}`> => !path.startsWith('/teach/')),
  '/teach/*',
]
