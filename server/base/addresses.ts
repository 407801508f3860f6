/** The addresses of this machine in its networks. */
import { networkInterfaces } from 'node:os'
import type { Config } from './config.ts'

/** Interfaces of containers, virtual machines and tunnels, through which a classroom seldom connects. */
const VIRTUAL_INTERFACE = /^(docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|utun|tun|tap|tailscale|zt|wg)/i
/** Ranges of private networks, in order of how common they are in classrooms. */
const PRIVATE_RANGES = [/^192\.168\./, /^10\./, /^172\.(1[6-9]|2\d|3[01])\./]
/** Self-assigned addresses: no network has assigned one (RFC 3927). */
const LINK_LOCAL = /^169\.254\./

/** IPv4 addresses at which other devices may reach this machine, likeliest first; empty if it is not in a network. */
export function listLanAddresses(interfaces = networkInterfaces()): string[] {
  const rankAddress = (name: string, address: string): number => {
    const range = PRIVATE_RANGES.findIndex((pattern) => pattern.test(address))
    return (
      (LINK_LOCAL.test(address) ? 100 : 0) + (VIRTUAL_INTERFACE.test(name) ? 10 : 0) + (range < 0 ? PRIVATE_RANGES.length : range)
    )
  }
  return Object.entries(interfaces)
    .flatMap(([name, addresses]) =>
      (addresses ?? [])
        .filter(({ family, internal }) => family === 'IPv4' && !internal)
        .map(({ address }) => ({ address, rank: rankAddress(name, address) })),
    )
    .sort((a, b) => a.rank - b.rank)
    .map(({ address }) => address)
}

/**
 * URLs at which people reach this server, likeliest first: only BASE_URL if it is set, otherwise the addresses that it listens
 * on.
 */
export function listServerUrls({ baseUrl, host }: Pick<Config, 'baseUrl' | 'host'>, port: number): string[] {
  if (baseUrl !== null) return [baseUrl]
  const hosts = host === '0.0.0.0' || host === '::' ? listLanAddresses() : [host]
  return hosts.map((each) => `http://${each.includes(':') ? `[${each}]` : each}:${port}`)
}
