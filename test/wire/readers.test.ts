/** The readers of pcap and pcapng: every variant that the formats allow, and every way in which a file can be invalid. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConnectionTracker } from '../../protocol/capture/connection-tracker.ts'
import { CaptureReader } from '../../protocol/wire/capture-reader.ts'
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from '../../protocol/wire/decode-packet.ts'
import { encodeEthernet } from '../../protocol/wire/encode-packet.ts'
import { CaptureError, type CapturedPacket } from '../../protocol/wire/capture-format.ts'
import { encodePcapngHeader, encodePcapngPacket, encodePcapngSecrets, TLS_KEY_LOG } from '../../protocol/wire/encode-pcapng.ts'
import { captureOf, concat, line, packetOf, PLAIN } from '../support/capture.ts'
import { runs } from '../support/volume.ts'

interface Read {
  readonly number: number
  readonly time: number
  readonly link: number
  readonly length: number
  readonly octets: readonly number[]
}

function readAll(file: Uint8Array, secrets?: (type: number, bytes: Uint8Array) => void): Read[] {
  const read: Read[] = []
  const packet = ({ number, time, link, length, bytes, start, end }: CapturedPacket) => {
    read.push({ number, time, link, length, octets: [...bytes.subarray(start, end)] })
  }
  const reader = new CaptureReader(secrets ? { packet, secrets } : { packet })
  reader.feed(file)
  reader.end()
  return read
}

/** A record of numbers, each with its width in octets, in this byte order. */
function record(little: boolean, ...fields: readonly (readonly [width: 2 | 4, value: number])[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [width]) => sum + width, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const [width, value] of fields) {
    if (width === 2) view.setUint16(at, value, little)
    else view.setUint32(at, value, little)
    at += width
  }
  return bytes
}

/** A number of 64 bits in this byte order. */
const count64 = (little: boolean, value: number): Uint8Array =>
  little ? record(true, [4, value], [4, 0]) : record(false, [4, 0], [4, value])

const OCTETS = Uint8Array.of(1, 2, 3, 4, 5)
const PAD = Uint8Array.of(0, 0, 0)

const pcapHeader = (little: boolean, magic: number, link = 1) =>
  record(little, [4, magic], [2, 2], [2, 4], [4, 0], [4, 0], [4, 65535], [4, link])

const block = (little: boolean, type: number, body: Uint8Array) =>
  concat([record(little, [4, type], [4, 12 + body.length]), body, record(little, [4, 12 + body.length])])

const section = (little: boolean) =>
  block(little, 0x0a0d0d0a, record(little, [4, 0x1a2b3c4d], [2, 1], [2, 0], [4, 0xffffffff], [4, 0xffffffff]))

const onInterface = (little: boolean, link: number, options: Uint8Array = new Uint8Array(0)) =>
  block(little, 1, concat([record(little, [2, link], [2, 0], [4, 0]), options]))

const enhanced = (little: boolean, id: number, ticks: number, octets = OCTETS) =>
  block(little, 6, concat([record(little, [4, id], [4, 0], [4, ticks], [4, octets.length], [4, 99]), octets, PAD]))

describe('pcap', () => {
  it.each([
    ['big-endian, microseconds', false, 0xa1b2c3d4, 500_000],
    ['little-endian, microseconds', true, 0xa1b2c3d4, 500_000],
    ['big-endian, nanoseconds', false, 0xa1b23c4d, 500_000_000],
    ['little-endian, nanoseconds', true, 0xa1b23c4d, 500_000_000],
  ])('%s', (_what, little, magic, fraction) => {
    const file = concat([pcapHeader(little, magic, 101), record(little, [4, 7], [4, fraction], [4, 5], [4, 99]), OCTETS])
    expect(readAll(file)).toEqual([{ number: 1, time: 7.5, link: 101, length: 99, octets: [...OCTETS] }])
  })

  it('with a frame check sequence told in the link type', () => {
    const file = concat([pcapHeader(true, 0xa1b2c3d4, 0x1400_0001), record(true, [4, 7], [4, 0], [4, 5], [4, 5]), OCTETS])
    expect(readAll(file)[0]?.link).toBe(1)
  })
})

describe('pcapng', () => {
  it.each([false, true])('several sections and interfaces, unknown blocks passed over, little-endian: %s', (little) => {
    const nanoseconds = record(little, [2, 9], [2, 1])
    const resolution = concat([nanoseconds, Uint8Array.of(9, 0, 0, 0), record(little, [2, 0], [2, 0])])
    const file = concat([
      section(little),
      onInterface(little, 1),
      onInterface(little, 101, resolution),
      block(little, 0xbad, new Uint8Array(3_000_000)),
      enhanced(little, 0, 1_500_000),
      enhanced(little, 1, 1_500_000_000),
      section(!little),
      onInterface(!little, 113),
      block(!little, 3, concat([record(!little, [4, 5]), OCTETS, PAD])),
    ])
    const octets = [...OCTETS]
    expect(readAll(file)).toEqual([
      { number: 1, time: 1.5, link: 1, length: 99, octets },
      { number: 2, time: 1.5, link: 101, length: 99, octets },
      { number: 3, time: 0, link: 113, length: 5, octets },
    ])
  })

  it.each([false, true])('packets that were lost, before a packet and in all, little-endian: %s', (little) => {
    const count = (code: number, packets: number) => concat([record(little, [2, code], [2, 8]), count64(little, packets)])
    const losing = (packets: number) =>
      block(little, 6, concat([record(little, [4, 0], [4, 0], [4, 0], [4, 5], [4, 5]), OCTETS, PAD, count(4, packets)]))
    const statistics = (...options: Uint8Array[]) => block(little, 5, concat([record(little, [4, 0], [4, 0], [4, 0]), ...options]))
    const told: number[] = []
    const file = concat([
      section(little),
      onInterface(little, 1),
      losing(3),
      losing(0),
      losing(2),
      statistics(count(4, 1000), count(5, 5), count(7, 4)),
      statistics(),
    ])
    const reader = new CaptureReader({ packet: () => told.push(0), dropped: (packets) => told.push(packets) })
    reader.feed(file)
    reader.end()
    // The statistics count from the beginning: four more than before the packets.
    expect(told).toEqual([3, 0, 0, 2, 0, 4])
  })

  it('gives back what the writer wrote, secrets included', () => {
    const keyLog = new TextEncoder().encode('CLIENT_RANDOM 00 11\n')
    const octets = packetOf(line('client SYN 0 - 0'))
    const secrets: [number, string][] = []
    const file = concat([
      encodePcapngHeader(LINKTYPE_RAW),
      encodePcapngSecrets(keyLog),
      encodePcapngPacket(1_700_000_000.25, octets),
    ])
    expect(readAll(file, (type, bytes) => secrets.push([type, new TextDecoder().decode(bytes)]))).toEqual([
      { number: 1, time: 1_700_000_000.25, link: LINKTYPE_RAW, length: octets.length, octets: [...octets] },
    ])
    expect(secrets).toEqual([[TLS_KEY_LOG, 'CLIENT_RANDOM 00 11\n']])
  })
})

describe('a file that cannot be read is told where and why', () => {
  it.each<readonly [string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(0), /empty/],
    ['no capture', new TextEncoder().encode('hello, world'), /neither pcap nor pcapng/],
    ['three octets', Uint8Array.of(0xa1, 0xb2, 0xc3), /ends in the middle/],
    [
      'a packet as long as memory',
      concat([pcapHeader(true, 0xa1b2c3d4), record(true, [4, 0], [4, 0], [4, 2 ** 32 - 1], [4, 5])]),
      /octet 24, after 0 packets: .*claims 4294967295 octets/,
    ],
    ['another version', record(false, [4, 0xa1b2c3d4], [2, 3], [2, 0], [4, 0], [4, 0], [4, 0], [4, 1]), /version 3/],
    ['a block without length', concat([section(true), record(true, [4, 6], [4, 0], [4, 0])]), /octet 28.*claims 0 octets/],
    ['lengths that differ', concat([section(true), onInterface(true, 1).with(16, 99)]), /two lengths differ/],
    ['an interface that is not described', concat([section(true), enhanced(true, 3, 0)]), /interface 3/],
    [
      'a packet longer than its block',
      concat([section(true), onInterface(true, 1), block(true, 6, record(true, [4, 0], [4, 0], [4, 0], [4, 77], [4, 77]))]),
      /claims 77 octets/,
    ],
    [
      'more interfaces than anyone has',
      concat([section(true), ...Array.from({ length: 4097 }, () => onInterface(true, 1))]),
      /more than 4096/,
    ],
  ])('%s', (_what, file, why) => {
    expect(() => readAll(file)).toThrow(CaptureError)
    expect(() => readAll(file)).toThrow(why)
  })

  it('cut anywhere, it gives what lies before the cut', () => {
    const file = captureOf(PLAIN)
    const whole = readAll(file)
    const boundaries = new Set<number>()
    for (let at = 0, view = new DataView(file.buffer); at < file.length; at += view.getUint32(at + 4)) boundaries.add(at)
    for (let cut = 1; cut < file.length; cut++) {
      const read: number[] = []
      const reader = new CaptureReader({ packet: ({ number }) => read.push(number) })
      reader.feed(file.subarray(0, cut))
      if (boundaries.has(cut)) reader.end()
      else expect(() => reader.end()).toThrow(CaptureError)
      expect(read).toEqual(whole.slice(0, read.length).map(({ number }) => number))
    }
  })
})

describe('hostile files', () => {
  /** Judges a file until its end or its first fault. A CaptureError is expected; any other error is thrown. */
  const survive = (file: Uint8Array, chunk: number): void => {
    const tracker = new ConnectionTracker(() => {})
    const reader = new CaptureReader({ packet: (packet) => void tracker.take(packet), secrets: () => {} })
    try {
      for (let at = 0; at < file.length; at += chunk) reader.feed(file.subarray(at, at + chunk))
      reader.end()
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error
      expect(error.message).not.toContain('\n')
    }
  }
  const little = concat([
    pcapHeader(true, 0xa1b2c3d4),
    ...PLAIN.map((said) => {
      const frame = encodeEthernet(packetOf(line(said)))
      return concat([record(true, [4, 1], [4, 2], [4, frame.length], [4, frame.length]), frame])
    }),
  ])
  const GOOD = [
    captureOf(PLAIN),
    little,
    concat([encodePcapngHeader(LINKTYPE_ETHERNET), encodePcapngSecrets(OCTETS), captureOf(PLAIN)]),
  ]

  it('ten thousand mutations of good files are read past or end with a CaptureError', () => {
    const change = fc.record({
      at: fc.nat(),
      octet: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 255, 0x7f, 0x80)),
      run: fc.integer({ min: 1, max: 4 }),
    })
    fc.assert(
      fc.property(
        fc.constantFrom(...GOOD),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 4000 }),
        fc.nat(),
        (good, changes, chunk, cut) => {
          const file = good.slice(0, good.length - (cut % 3 === 0 ? cut % good.length : 0))
          for (const { at, octet, run } of changes) file.fill(octet, at % file.length, (at % file.length) + run)
          survive(file, chunk)
        },
      ),
      runs('changedFiles'),
    )
  })
})
