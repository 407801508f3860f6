import { describe, expect, it } from 'vitest'
import { listLanAddresses, listServerUrls } from '../../server/base/addresses.ts'

const on = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4', internal = false) =>
  [{ address, family, internal, netmask: '', mac: '', cidr: null, scopeid: 0 }] as never

describe('the addresses that students type', () => {
  it('come likeliest first: home and school networks, then others, then those of containers and tunnels', () => {
    const interfaces = {
      lo: on('127.0.0.1', 'IPv4', true),
      docker0: on('172.17.0.1'),
      tun0: on('10.8.0.2'),
      eth0: on('10.1.2.3'),
      wlan0: on('192.168.1.20'),
      eth1: on('198.51.100.4'),
      eth2: on('169.254.3.3'),
      eth3: on('fe80::1', 'IPv6'),
    }
    expect(listLanAddresses(interfaces)).toEqual([
      '192.168.1.20',
      '10.1.2.3',
      '198.51.100.4',
      '10.8.0.2',
      '172.17.0.1',
      '169.254.3.3',
    ])
  })

  it('are BASE_URL alone where it is set, and the host that HOST names', () => {
    expect(listServerUrls({ baseUrl: 'https://class.example.org', host: '0.0.0.0' }, 8080)).toEqual(['https://class.example.org'])
    expect(listServerUrls({ baseUrl: null, host: '::1' }, 80)).toEqual(['http://[::1]:80'])
  })
})
