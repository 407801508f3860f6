/** The page that is shown. Plain links within the site are followed without loading anything anew. */
import { routeOf, type Route } from './routes.ts'

let current: Route = $state.raw(routeOf(location.pathname))

const look = () => {
  current = routeOf(location.pathname)
}

export const router = {
  get route(): Route {
    return current
  },
  go(path: string, { replace = false } = {}): void {
    if (replace) history.replaceState(null, '', path)
    else history.pushState(null, '', path)
    look()
    scrollTo(0, 0)
  },
}

addEventListener('popstate', look)

addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = (event.target as Element).closest('a')
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return
  if (routeOf(link.pathname).page === 'not-found' || (link.hash && link.pathname === location.pathname)) return
  event.preventDefault()
  router.go(link.pathname + link.search + link.hash)
})
