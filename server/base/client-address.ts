/** The address that a request comes from, behind a proxy or not. */
import type { IncomingMessage } from 'node:http'
import proxyAddress from '@fastify/proxy-addr'

/** Reads the address as Fastify does: the last one in `X-Forwarded-For` that is none of `proxies`. */
export function createAddressReader(proxies: readonly string[]): (request: IncomingMessage) => string {
  const trusts = proxyAddress.compile([...proxies])
  return (request) => proxyAddress(request, trusts)
}
