/** Determines the address that a request comes from, with or without a proxy in front. */
import type { IncomingMessage } from 'node:http'
import proxyAddress from '@fastify/proxy-addr'

/** Whether an address is one of the proxies. */
export type ProxyTest = (address: string) => boolean

/** `proxies`: addresses, ranges, or proxy-addr's names of ranges. */
export function createProxyTest(proxies: readonly string[]): ProxyTest {
  const trusts = proxyAddress.compile([...proxies])
  return (address) => trusts(address, 0)
}

/**
 * Reads the address as Fastify does: the last address of the chain of `X-Forwarded-For` and the peer that is none of `proxies`.
 */
export function createAddressReader(proxies: readonly string[]): (request: IncomingMessage) => string {
  const trusts = proxyAddress.compile([...proxies])
  return (request) => proxyAddress(request, trusts)
}
