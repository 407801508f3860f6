/** Whether a page of `origin` is one of ours: of the host that was asked, or of BASE_URL where a proxy has changed the host. */
export const isSameOrigin = (origin: string, host: string | undefined, baseUrl: string | null): boolean =>
  origin === baseUrl || (URL.canParse(origin) && new URL(origin).host === host)
