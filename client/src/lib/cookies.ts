/** Whether this browser keeps cookies, which hold a seat. One is set and read, because a browser may say that it does and drop them. */
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
