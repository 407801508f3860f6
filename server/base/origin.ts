/**
 * Whether a page of `origin` belongs to this server: its host is the requested one, or its origin is BASE_URL, because a proxy
 * may change the host.
 */
export const isSameOrigin = (origin: string, host: string | undefined, baseUrl: string | null): boolean =>
  origin === baseUrl || (URL.canParse(origin) && new URL(origin).host === host)
