/** 16 random octets as hexadecimal digits. Not `crypto.randomUUID`, which browsers offer only in secure contexts, not over plain HTTP. */
export const createActionId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (octet) => octet.toString(16).padStart(2, '0')).join('')
