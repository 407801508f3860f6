/** Published test vectors of the functions from which the keys are derived. */
import { describe, expect, it } from 'vitest'
import { nodeCrypto } from '../../crypto/node-crypto.ts'
import { toHex, fromHex } from '../../protocol/octets.ts'
import { hkdfExpand, hkdfExtract } from '../../protocol/tls/keys/key-schedule.ts'
import { prf } from '../../protocol/tls/keys/prf.ts'

describe('RFC 5246 5', () => {
  it('PRF with SHA-256, as it was published for testing on the mailing list of the working group', () => {
    const [secret, seed] = [fromHex('9bbe436ba940f017b17652849a71db35'), fromHex('a0ba9f936cda311827a6f796ffd5198c')]
    expect(toHex(prf(nodeCrypto, 'SHA-256', secret, 'test label', seed, 100))).toBe(
      [
        'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af',
        '0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701',
        '87347b66',
      ].join(''),
    )
  })
})

describe('RFC 5869', () => {
  const octets = (from: number, to: number) => Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i)
  it.each([
    [
      'A.1',
      new Uint8Array(22).fill(0x0b),
      octets(0, 0x0c),
      octets(0xf0, 0xf9),
      42,
      '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    ],
    [
      'A.2',
      octets(0, 0x4f),
      octets(0x60, 0xaf),
      octets(0xb0, 0xff),
      82,
      '06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244',
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    ],
    [
      'A.3',
      new Uint8Array(22).fill(0x0b),
      new Uint8Array(0),
      new Uint8Array(0),
      42,
      '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04',
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    ],
  ] as const)('%s: HKDF with SHA-256', (_name, input, salt, info, length, extracted, expanded) => {
    const secret = hkdfExtract(nodeCrypto, 'SHA-256', salt, input)
    expect(toHex(secret)).toBe(extracted)
    expect(toHex(hkdfExpand(nodeCrypto, 'SHA-256', secret, info, length))).toBe(expanded)
  })
})
