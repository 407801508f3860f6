/** Maps paths to pages. Pure; `router.svelte.ts` holds the current route. */
import { PAGE_PATHS, type PagePath } from '../../../contract/pages.ts'

export type StudentRoute =
  | { readonly page: 'join'; readonly code: string | null }
  | { readonly page: 'member'; readonly token: string }
  | { readonly page: 'round'; readonly participant: string }

/** A part of a course's pages. */
export type CourseSection = 'sessions' | 'members' | 'staff' | 'sheet'

export type TeacherRoute =
  | { readonly page: 'teach' }
  | { readonly page: 'account' }
  | { readonly page: 'colleagues' }
  | { readonly page: 'exercises'; readonly exercise: string | null }
  | { readonly page: 'courses' }
  | { readonly page: 'course'; readonly course: string; readonly section: CourseSection }
  | { readonly page: 'platforms' }
  | { readonly page: 'grades'; readonly course: string }
  | { readonly page: 'board'; readonly session: string }
  | { readonly page: 'join-page'; readonly session: string }
  | { readonly page: 'class'; readonly session: string }
  | { readonly page: 'results'; readonly session: string }
  | { readonly page: 'screen'; readonly session: string }
  | { readonly page: 'timeline'; readonly session: string; readonly round: string }

/** A replay: by the round's id for its players and teacher, by the token of a shared link, or of an exercise that is demonstrated. */
export type ReplayRoute = { readonly page: 'replay' } & (
  { readonly round: string } | { readonly token: string } | { readonly exercise: string }
)

/** Pages to which a platform leads: a launch that is to go on, one that was refused, and that it has been registered. */
export type LtiRoute = { readonly page: 'launched' | 'launch-refused' | 'platform-registered' }

export type Route =
  | StudentRoute
  | TeacherRoute
  | ReplayRoute
  | LtiRoute
  | { readonly page: 'glossary' | 'practice' | 'tutorial' | 'check' | 'privacy' | 'not-found' }

const TEACHER_PAGES = [
  'teach',
  'account',
  'colleagues',
  'exercises',
  'platforms',
  'courses',
  'course',
  'grades',
  'board',
  'join-page',
  'class',
  'results',
  'screen',
  'timeline',
] as const
export const isTeacherRoute = (route: Route): route is TeacherRoute => TEACHER_PAGES.some((page) => page === route.page)

type Params<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? { readonly [N in Name]: string } & Params<Rest>
  : Path extends `${string}:${infer Name}`
    ? { readonly [N in Name]: string }
    : unknown

const ROUTES: { readonly [P in PagePath]: (params: Params<P>) => Route } = {
  '/': () => ({ page: 'join', code: null }),
  '/j/:code': ({ code }) => ({ page: 'join', code }),
  '/m/:token': ({ token }) => ({ page: 'member', token }),
  '/r/:participant': ({ participant }) => ({ page: 'round', participant }),
  '/replay/round/:round': ({ round }) => ({ page: 'replay', round }),
  '/replay/:token': ({ token }) => ({ page: 'replay', token }),
  '/glossary': () => ({ page: 'glossary' }),
  '/practice': () => ({ page: 'practice' }),
  '/practice/:exercise': ({ exercise }) => ({ page: 'replay', exercise }),
  '/tutorial': () => ({ page: 'tutorial' }),
  '/check': () => ({ page: 'check' }),
  '/lti/launched/:platform': () => ({ page: 'launched' }),
  '/lti/refused/:platform': () => ({ page: 'launch-refused' }),
  '/lti/registered/:platform': () => ({ page: 'platform-registered' }),
  '/privacy': () => ({ page: 'privacy' }),
  '/teach': () => ({ page: 'teach' }),
  '/teach/account': () => ({ page: 'account' }),
  '/teach/colleagues': () => ({ page: 'colleagues' }),
  '/teach/platforms': () => ({ page: 'platforms' }),
  '/teach/exercises': () => ({ page: 'exercises', exercise: null }),
  '/teach/exercises/:exercise': ({ exercise }) => ({ page: 'exercises', exercise }),
  '/teach/courses': () => ({ page: 'courses' }),
  '/teach/courses/:course': ({ course }) => ({ page: 'course', course, section: 'sessions' }),
  '/teach/courses/:course/members': ({ course }) => ({ page: 'course', course, section: 'members' }),
  '/teach/courses/:course/staff': ({ course }) => ({ page: 'course', course, section: 'staff' }),
  '/teach/courses/:course/sheet': ({ course }) => ({ page: 'course', course, section: 'sheet' }),
  '/teach/courses/:course/grades': ({ course }) => ({ page: 'grades', course }),
  '/teach/:session': ({ session }) => ({ page: 'board', session }),
  '/teach/:session/join': ({ session }) => ({ page: 'join-page', session }),
  '/teach/:session/class': ({ session }) => ({ page: 'class', session }),
  '/teach/:session/results': ({ session }) => ({ page: 'results', session }),
  '/teach/:session/screen': ({ session }) => ({ page: 'screen', session }),
  '/teach/:session/round/:round': ({ session, round }) => ({ page: 'timeline', session, round }),
}

/** The page at a path such as `/j/ABC123`; a trailing slash is ignored. */
export const parseRoute = (pathname: string): Route => {
  const parts = pathname.split('/').filter(Boolean).map(decodePathPart)
  for (const path of PAGE_PATHS) {
    const params = matchPath(path, parts)
    // The cast is safe: `matchPath` returns exactly the parameters that this path names.
    if (params) return (ROUTES[path] as (params: Readonly<Record<string, string>>) => Route)(params)
  }
  return { page: 'not-found' }
}

const matchPath = (path: PagePath, parts: readonly string[]): Readonly<Record<string, string>> | null => {
  const wanted = path.split('/').filter(Boolean)
  const fits = wanted.length === parts.length && wanted.every((part, i) => part.startsWith(':') || part === parts[i])
  return fits ? Object.fromEntries(wanted.map((part, i) => [part.slice(1), parts[i] ?? ''])) : null
}

const decodePathPart = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
