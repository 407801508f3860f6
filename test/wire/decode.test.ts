/** Decoding of packets, from the link-layer header to the TCP segment. */
import { describe, expect, it } from 'vitest'
import { ACK, PSH } from '../../protocol/segment.ts'
import { TcpPacket } from '../../protocol/wire/decode-packet.ts'
import { encodeEthernet, encodeIp } from '../../protocol/wire/encode-packet.ts'
import { concat, line, packetOf } from '../support/capture.ts'

const V4 = packetOf(line('client PSH,ACK 1 1 101'))
const V6 = encodeIp(
  { address: new Uint8Array(16).fill(1), port: 1 },
  { address: new Uint8Array(16).fill(2), port: 2 },
  { bits: ACK, seq: 5, ack: 6, window: 7, length: 3 },
  { payload: Uint8Array.of(1, 2, 3) },
)

function decode(link: number, octets: Uint8Array, length = octets.length) {
  const tcp = new TcpPacket()
  const outcome = tcp.read({ number: 1, time: 0, link, bytes: octets, start: 0, end: octets.length, length })
  return { outcome, tcp }
}

/** The IPv6 packet with an extension header of this type and these octets before its segment. */
function extended(type: number, octets: readonly number[]): Uint8Array {
  const packet = concat([V6.subarray(0, 40), Uint8Array.of(6, ...octets), V6.subarray(40)])
  packet[6] = type
  packet[5] = packet[5]! + octets.length + 1
  return packet
}

const head = (...octets: readonly number[]) => Uint8Array.from(octets)
const zeros = (n: number) => new Uint8Array(n)

describe('link types', () => {
  it.each<readonly [string, number, Uint8Array]>([
    ['Ethernet', 1, encodeEthernet(V4)],
    ['Ethernet with padding', 1, concat([encodeEthernet(V4), zeros(20)])],
    ['Ethernet with a VLAN tag', 1, concat([zeros(12), head(0x81, 0, 0, 5, 8, 0), V4])],
    ['Ethernet with two (QinQ)', 1, concat([zeros(12), head(0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0), V4])],
    ['raw IP', 101, V4],
    ['loopback, little-endian', 0, concat([head(2, 0, 0, 0), V4])],
    ['loopback, big-endian', 0, concat([head(0, 0, 0, 2), V4])],
    ['OpenBSD loopback', 108, concat([head(0, 0, 0, 2), V4])],
    ['Linux cooked', 113, concat([zeros(14), head(8, 0), V4])],
    ['Linux cooked v2', 276, concat([head(8, 0), zeros(18), V4])],
  ])('%s', (_what, link, octets) => {
    const { outcome, tcp } = decode(link, octets)
    expect(outcome).toBe('tcp')
    expect(tcp).toMatchObject({
      bits: ACK | PSH,
      seq: 1001,
      length: 101,
      sourcePort: 40000,
      destinationPort: 80,
      checksum: 'right',
    })
  })

  it('one that is not understood, and ARP', () => {
    expect(decode(105, V4).outcome).toBe('link')
    expect(decode(1, concat([zeros(12), head(8, 6), zeros(28)])).outcome).toBe('other')
  })
})

describe('IP', () => {
  it('RFC 791: options are passed over', () => {
    const packet = concat([V4.subarray(0, 20), head(1, 1, 1, 0), V4.subarray(20)])
    packet[0] = 0x46
    packet[3] = packet[3]! + 4
    expect(decode(101, packet)).toMatchObject({ outcome: 'tcp', tcp: { seq: 1001, length: 101 } })
  })

  it.each<readonly [string, Uint8Array]>([
    ['hop-by-hop', extended(0, [0, 1, 4, 0, 0, 0, 0])],
    ['destination options', extended(60, [0, 1, 4, 0, 0, 0, 0])],
    ['an atomic fragment', extended(44, [0, 0, 0, 0, 0, 0, 9])],
    ['authentication', extended(51, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
  ])('RFC 8200: extension headers are passed over: %s', (_what, packet) => {
    expect(decode(101, packet)).toMatchObject({ outcome: 'tcp', tcp: { seq: 5, ack: 6, length: 3, checksum: 'right' } })
  })

  it('fragments are told apart', () => {
    const first = V4.slice()
    first[6] = 0x20
    expect(decode(101, first).outcome).toBe('fragment')
    expect(decode(101, extended(44, [0, 0, 1, 0, 0, 0, 9])).outcome).toBe('fragment')
  })

  it('lengths that lie are told', () => {
    const longer = V4.slice()
    longer[2] = 0xff
    expect(decode(101, longer).outcome).toBe('broken')
    const header = V4.slice()
    header[32] = 0xf0
    expect(decode(101, header.slice(0, 60), 60).outcome).toBe('broken')
    expect(decode(101, V4.subarray(0, 39), V4.length).outcome).toBe('broken')
  })
})

describe('TCP', () => {
  it('a cut packet has its length from IP, and no checksum', () => {
    const { outcome, tcp } = decode(101, V4.subarray(0, 40), V4.length)
    expect(outcome).toBe('tcp')
    expect(tcp).toMatchObject({ length: 101, checksum: 'unknown', digest: -1 })
  })

  it('a wrong checksum is told from one that the network card is to fill in', () => {
    const wrong = V4.slice()
    wrong[50]! ^= 1
    expect(decode(101, wrong).tcp.checksum).toBe('wrong')
    wrong.set([0, 0], 36)
    expect(decode(101, wrong).tcp.checksum).toBe('partial')
  })

  it('RFC 9293 3.2, RFC 7323, RFC 2018, RFC 7413: options are understood', () => {
    const options = head(2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8, 1, 3, 3, 7, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2, 34, 2, 0, 0)
    expect(decode(101, packetOf(line('client SYN 0 - 0', options))).tcp).toMatchObject({
      mss: 1460,
      sackPermitted: true,
      timestamp: 9,
      timestampEcho: 8,
      windowScale: 7,
      sackBlocks: 1,
      fastOpen: true,
    })
  })

  it('options whose lengths lie end the list', () => {
    for (const lie of [0, 1, 40])
      expect(decode(101, packetOf(line('client SYN 0 - 0', head(3, lie, 7, 0)))).tcp.windowScale).toBe(-1)
  })
})
