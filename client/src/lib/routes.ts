/** Which page a path is. Pure; `router.svelte.ts` holds the one that is shown. */

export type StudentRoute =
  { readonly page: 'join'; readonly code: string | null } | { readonly page: 'round'; readonly participant: string }

export type TeacherRoute =
  | { readonly page: 'teach' }
  | { readonly page: 'exercises'; readonly exercise: string | null }
  | { readonly page: 'board'; readonly session: string }
  | { readonly page: 'join-page'; readonly session: string }
  | { readonly page: 'timeline'; readonly session: string; readonly round: string }

/** A replay, by the round for those who are of it, or by a link. */
export type ReplayRoute = { readonly page: 'replay' } & ({ readonly round: string } | { readonly token: string })

export type Route = StudentRoute | TeacherRoute | ReplayRoute | { readonly page: 'glossary' | 'practice' | 'not-found' }

const TEACHER_PAGES = ['teach', 'exercises', 'board', 'join-page', 'timeline'] as const
export const isTeacherRoute = (route: Route): route is TeacherRoute => TEACHER_PAGES.some((page) => page === route.page)

/** The page at a path such as `/j/ABC123`; a slash at the end means nothing. */
export const parseRoute = (pathname: string): Route => {
  const [first, second, third, fourth, ...rest] = pathname.split('/').filter(Boolean).map(decodePathPart)
  if (rest.length > 0) return { page: 'not-found' }
  if (first === undefined) return { page: 'join', code: null }
  if (first === 'j' && second !== undefined && third === undefined) return { page: 'join', code: second }
  if (first === 'r' && second !== undefined && third === undefined) return { page: 'round', participant: second }
  if (first === 'replay' && second !== undefined) {
    if (third === undefined) return { page: 'replay', token: second }
    if (second === 'round' && fourth === undefined) return { page: 'replay', round: third }
  }
  if ((first === 'glossary' || first === 'practice') && second === undefined) return { page: first }
  if (first === 'teach') {
    if (second === undefined) return { page: 'teach' }
    if (second === 'exercises') return fourth === undefined ? { page: 'exercises', exercise: third ?? null } : { page: 'not-found' }
    if (third === undefined) return { page: 'board', session: second }
    if (third === 'join' && fourth === undefined) return { page: 'join-page', session: second }
    if (third === 'round' && fourth !== undefined) return { page: 'timeline', session: second, round: fourth }
  }
  return { page: 'not-found' }
}

const decodePathPart = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
