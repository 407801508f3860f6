/**
 * Whether this browser keeps cookies, which a participant needs to keep the seat. Sets a cookie and reads it back, because browsers may
 * report that cookies are enabled and still drop them.
 */
export const keepsCookies = (): boolean => {
  try {
    document.cookie = 'kept=1; SameSite=Lax'
    const isKept = document.cookie.includes('kept=1')
    document.cookie = 'kept=; Max-Age=0; SameSite=Lax'
    return isKept
  } catch {
    return false
  }
}
