/** 16 random octets as hexadecimal digits. `crypto.randomUUID` is missing on plain HTTP; `getRandomValues` is not. */
export const createActionId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (octet) => octet.toString(16).padStart(2, '0')).join('')
