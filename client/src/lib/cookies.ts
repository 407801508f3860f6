/**
 * Whether this browser keeps cookies, which a participant needs to keep the seat. Sets a cookie and reads it back, because browsers may
 * report that cookies are enabled and still drop them. In a frame of another site, only partitioned cookies may be kept.
 */
export const keepsCookies = (): boolean => {
  try {
    return ['SameSite=Lax', 'SameSite=None; Secure; Partitioned'].some((attributes) => {
      document.cookie = `kept=1; ${attributes}`
      const isKept = document.cookie.includes('kept=1')
      document.cookie = `kept=; Max-Age=0; ${attributes}`
      return isKept
    })
  } catch {
    return false
  }
}
