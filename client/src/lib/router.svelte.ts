/** The route of the current page. Links within the site change it without reloading the document. */
import { parseRoute, type Route } from './routes.ts'

let current: Route = $state.raw(parseRoute(location.pathname))

const updateRoute = () => {
  current = parseRoute(location.pathname)
}

/** The current route, and `navigate` to change it: `replace` replaces the current entry of the browser's history. */
export const router = {
  get route(): Route {
    return current
  },
  navigate(path: string, { replace = false } = {}): void {
    if (replace) history.replaceState(null, '', path)
    else history.pushState(null, '', path)
    updateRoute()
    scrollTo(0, 0)
  },
}

addEventListener('popstate', updateRoute)

addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = (event.target as Element).closest('a')
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return
  if (parseRoute(link.pathname).page === 'not-found' || (link.hash && link.pathname === location.pathname)) return
  event.preventDefault()
  router.navigate(link.pathname + link.search + link.hash)
})
