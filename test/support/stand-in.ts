/** A stand-in with only those members of a service that a test needs. It throws when another member is used. */
export function standIn<T extends object>(part: Partial<T>): T {
  return new Proxy(part, {
    get(target, name) {
      if (name in target) return target[name as keyof T]
      throw new Error(`Nothing stands in for ${String(name)}.`)
    },
  }) as T
}
