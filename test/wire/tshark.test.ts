/** The files of the capture writer as Wireshark reads them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LINKTYPE_ETHERNET, LINKTYPE_RAW, OPTION_MSS } from '../../protocol/wire/decode-packet.ts'
import { encodeEthernet } from '../../protocol/wire/encode-packet.ts'
import { encodePcapngHeader, encodePcapngPacket, encodePcapngSecrets } from '../../protocol/wire/encode-pcapng.ts'
import { tshark } from '../../scripts/lib/programs.mjs'
import { concat, line, packetOf, PLAIN } from '../support/capture.ts'

const V6 = (last: number) => Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, ...new Array<number>(11).fill(0), last)
const CONVERSATION = PLAIN.map((said) => line(said, said.includes('SYN') ? Uint8Array.of(OPTION_MSS, 4, 5, 180) : undefined))
const KEY_LOG = new TextEncoder().encode(`CLIENT_RANDOM ${'00'.repeat(32)} ${'11'.repeat(48)}\n`)

const FILES: readonly (readonly [string, Uint8Array])[] = [
  [
    'IPv4 in Ethernet',
    concat([
      encodePcapngHeader(LINKTYPE_ETHERNET),
      ...CONVERSATION.map((said, i) => encodePcapngPacket(i / 10, encodeEthernet(packetOf(said)))),
    ]),
  ],
  [
    'raw IPv6',
    concat([
      encodePcapngHeader(LINKTYPE_RAW),
      ...CONVERSATION.map((said, i) =>
        encodePcapngPacket(i / 10, packetOf(said, { address: V6(1), port: 40000 }, { address: V6(2), port: 9293 })),
      ),
    ]),
  ],
  [
    'with TLS secrets',
    concat([
      encodePcapngHeader(LINKTYPE_RAW),
      encodePcapngSecrets(KEY_LOG),
      ...CONVERSATION.map((said, i) => encodePcapngPacket(i / 10, packetOf(said))),
    ]),
  ],
]

describe.skipIf(!tshark)('Wireshark', () => {
  it.each(FILES)('finds nothing malformed, no bad checksum and no error: %s', (_what, file) => {
    const folder = mkdtempSync(join(tmpdir(), 'handshake-tshark-'))
    try {
      const path = join(folder, 'written.pcapng')
      writeFileSync(path, file)
      const checks = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE']
      const run = (...args: string[]) =>
        execFileSync(tshark!, ['-r', path, ...checks, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      const good = run('-T', 'fields', '-e', 'tcp.checksum.status', '-e', 'tcp.len').trim().split('\n')
      expect(good).toEqual(CONVERSATION.map(({ payload }) => `1\t${payload.length}`))
      const expert = run('-q', '-z', 'expert')
      expect(expert).not.toMatch(/Errors \(|Warns \(|Malformed|Bad checksum/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
