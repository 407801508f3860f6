/** The messages of two endpoints as Wireshark reads them: decrypted with their secrets, and not without. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EndpointConfig } from '../../protocol/tls/endpoint/endpoint.ts'
import { toHex } from '../../protocol/octets.ts'
import { encodeAscii } from '../../protocol/tls/format/presentation.ts'
import type { Seat } from '../../protocol/seat.ts'
import { formatKeyLog } from '../../protocol/tls/watch/key-log.ts'
import { encodeEthernet } from '../../protocol/wire/encode-packet.ts'
import { LINKTYPE_ETHERNET } from '../../protocol/wire/decode-packet.ts'
import { encodePcapngHeader, encodePcapngPacket, encodePcapngSecrets } from '../../protocol/wire/encode-pcapng.ts'
import { tshark } from '../../scripts/lib/programs.mjs'
import { concat, line, packetOf } from '../support/capture.ts'
import { ECDHE, host, Played, RSA, TLS13 } from './played.ts'

const REQUEST = toHex(encodeAscii('GET /page HTTP/1.1\r\nHost: bank.example\r\n\r\n'))
const CLIENT = { address: Uint8Array.of(192, 0, 2, 1), port: 40000 }
const SERVER = { address: Uint8Array.of(192, 0, 2, 2), port: 443 }

/** Puts the messages into a TCP connection, each in a separate segment. */
function captured(round: Played, secrets: boolean): Uint8Array {
  const sent: Record<Seat, number> = { client: 1, server: 1 }
  const segments = round.wire.map(({ from, octets }) => {
    const peer = from === 'client' ? 'server' : 'client'
    const { segment } = line(`${from} PSH,ACK ${sent[from]} ${sent[peer]} ${octets.length}`)
    sent[from] += octets.length
    return { from, segment, payload: octets }
  })
  const opening = ['client SYN 0 -', 'server SYN,ACK 0 1', 'client ACK 1 1'].map((said) => line(said))
  const packets = [...opening, ...segments].map((said, i) =>
    encodePcapngPacket(i / 10, encodeEthernet(packetOf(said, CLIENT, SERVER))),
  )
  const log = new TextEncoder().encode(formatKeyLog(round.at.client).join('\n') + '\n')
  return concat([encodePcapngHeader(LINKTYPE_ETHERNET), ...(secrets ? [encodePcapngSecrets(log)] : []), ...packets])
}

const CONVERSATIONS: readonly (readonly [
  string,
  Partial<EndpointConfig>,
  Parameters<typeof host>[2],
  Parameters<typeof host>[2],
])[] = [
  ['TLS 1.2 with RSA', { suites: [RSA] }, null, 'right'],
  ['TLS 1.2 with ECDHE and a certificate of the client', { suites: [ECDHE], asksForCertificate: true }, 'client', 'right'],
  ['TLS 1.3', { versions: ['1.3'], suites: [TLS13] }, null, 'right'],
  ['server-sends-secret', { suites: [RSA], rules: 'server-sends-secret' }, null, 'right'],
  ['client-has-certificate', { suites: [RSA], rules: 'client-has-certificate' }, 'client', null],
]

describe.skipIf(!tshark)('Wireshark reads', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'handshake-tls-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(CONVERSATIONS)('%s', (_name, config, client, server) => {
    const round = new Played(host('client', config, client), host('server', config, server))
    round.run()
    expect(round.say('client', { say: 'ApplicationData', data: REQUEST })).toEqual([])
    expect(round.say('client', { say: 'Alert', alert: 'close_notify' })).toEqual([])
    round.run()

    const read = (secrets: boolean, ...args: string[]) => {
      const path = join(folder, 'tls.pcapng')
      writeFileSync(path, captured(round, secrets))
      return execFileSync(tshark!, ['-r', path, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    }
    const uri = ['-Y', 'http.request', '-T', 'fields', '-e', 'http.request.uri']
    expect(read(true, ...uri)).toBe('/page')
    expect(read(false, ...uri)).toBe('')
    // Only severities from warning upwards: that HTTP was seen is a chat.
    expect(read(true, '-Y', '_ws.malformed || _ws.expert.severity >= 0x600000')).toBe('')
  })
})
