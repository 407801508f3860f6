/**
 * Generates the certificates and keys of the exercises that are missing: `npx tsx scripts/certificates.mjs` writes
 * exercises/certificates.json, which must then be formatted with Prettier. It needs openssl. Those that are there stay as they are, since
 * stored rounds are judged again with them; the keys of their issuers are not kept, so that a new certificate needs a new issuer, or
 * itself. The certificates are for the simulated world of the classroom, whose clock starts at the epoch, and are used nowhere else.
 */
import { execFileSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCertificate } from '../crypto/read-certificate.ts'

const NAME = 'bank.example'
const NAMES = [NAME, `www.${NAME}`]
const YEAR = ['20251001', '20261001']
const FILE = join(import.meta.dirname, '../exercises/certificates.json')
const present = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : { certificates: {}, keys: {} }

/**
 * The certificates by id, issuers first: common name, the issuer's id (the certificate's own id if it is self-signed),
 * alternative names, and the days of its validity.
 * @type {Record<string, { subject: string, by: string, names?: string[], valid: string[], authority?: boolean, client?: boolean }>}
 */
const CERTIFICATES = {
  root: { subject: 'Classroom Root CA', by: 'root', valid: ['20200101', '20400101'], authority: true },
  issuing: { subject: 'Classroom CA 1', by: 'root', valid: ['20240101', '20340101'], authority: true },
  'other-root': { subject: 'Unheard-of CA', by: 'other-root', valid: ['20200101', '20400101'], authority: true },
  server: { subject: NAME, by: 'issuing', names: NAMES, valid: YEAR },
  'other-name': { subject: 'bank-login.example', by: 'issuing', names: ['bank-login.example'], valid: YEAR },
  expired: { subject: NAME, by: 'issuing', names: NAMES, valid: ['20240901', '20250901'] },
  future: { subject: NAME, by: 'issuing', names: NAMES, valid: ['20260601', '20270601'] },
  'other-issuer': { subject: NAME, by: 'other-root', names: NAMES, valid: YEAR },
  'self-signed': { subject: NAME, by: 'self-signed', names: NAMES, valid: YEAR },
  revoked: { subject: NAME, by: 'issuing', names: NAMES, valid: YEAR },
  client: { subject: 'Alice', by: 'issuing', valid: YEAR, client: true },
  // This authority's name is as long as it takes to make its chain as long as that of `right`, so that TCP's numbers fit either.
  'middle-root': { subject: 'Trustworthy Certificate CA', by: 'middle-root', valid: ['20200101', '20400101'], authority: true },
  middle: { subject: NAME, by: 'middle-root', names: NAMES, valid: YEAR },
}

/** What a holder presents: the chain, and the certificate whose private key the holder has (null if none). */
const IDENTITIES = {
  right: { chain: ['server', 'issuing'], key: 'server' },
  'wrong-name': { chain: ['other-name', 'issuing'], key: 'other-name' },
  expired: { chain: ['expired', 'issuing'], key: 'expired' },
  'not-yet-valid': { chain: ['future', 'issuing'], key: 'future' },
  'unknown-issuer': { chain: ['other-issuer', 'other-root'], key: 'other-issuer' },
  'self-signed': { chain: ['self-signed'], key: 'self-signed' },
  'out-of-order': { chain: ['issuing', 'server'], key: 'server' },
  'no-private-key': { chain: ['server', 'issuing'], key: null },
  revoked: { chain: ['revoked', 'issuing'], key: 'revoked' },
  client: { chain: ['client', 'issuing'], key: 'client' },
  'in-the-middle': { chain: ['middle', 'middle-root'], key: 'middle' },
}

const folder = mkdtempSync(join(tmpdir(), 'certificates-'))
const at = (/** @type {string} */ name) => join(folder, name)
const openssl = (/** @type {string[]} */ ...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })

try {
  writeFileSync(at('index.txt'), '')
  writeFileSync(at('index.txt.attr'), 'unique_subject = no\n')
  for (const [serial, [id, { subject, by, names, valid, authority, client }]] of Object.entries(CERTIFICATES).entries()) {
    if (id in present.certificates) continue
    const [from, to] = valid
    writeFileSync(at('serial'), `${(0x1000 + serial).toString(16)}\n`)
    writeFileSync(
      at('openssl.cnf'),
      `[ca]
default_ca = own
[own]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[extensions]
basicConstraints = critical, CA:${authority ? 'TRUE' : 'FALSE'}
keyUsage = critical, ${authority ? 'keyCertSign, cRLSign' : 'digitalSignature, keyEncipherment'}
${authority ? '' : `extendedKeyUsage = ${client ? 'clientAuth' : 'serverAuth'}`}
${names ? `subjectAltName = ${names.map((name) => `DNS:${name}`).join(', ')}` : ''}
`,
    )
    openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', `${id}.key`)
    openssl('req', '-new', '-config', 'openssl.cnf', '-key', `${id}.key`, '-subj', `/CN=${subject}`, '-out', `${id}.csr`)
    const issuer = by === id ? ['-selfsign', '-keyfile', `${id}.key`] : ['-cert', `${by}.pem`, '-keyfile', `${by}.key`]
    const dates = ['-startdate', `${from}000000Z`, '-enddate', `${to}000000Z`]
    const common = ['ca', '-batch', '-notext', '-config', 'openssl.cnf', '-extensions', 'extensions', '-in', `${id}.csr`]
    openssl(...common, ...issuer, ...dates, '-out', `${id}.pem`)
    openssl('x509', '-in', `${id}.pem`, '-outform', 'DER', '-out', `${id}.der`)
  }

  const certificates = Object.fromEntries(
    Object.keys(CERTIFICATES).map((id) => [
      id,
      present.certificates[id] ?? readCertificate(new Uint8Array(readFileSync(at(`${id}.der`)))),
    ]),
  )
  const holders = [...new Set(Object.values(IDENTITIES).flatMap(({ key }) => key ?? []))]
  const keys = Object.fromEntries(holders.map((id) => [id, present.keys[id] ?? keyOf(readFileSync(at(`${id}.key`), 'utf8'))]))
  const { issuer, serial } = certificates.revoked ?? {}
  const written = {
    epoch: Date.UTC(2026, 0, 1),
    serverName: NAME,
    trusted: ['root'],
    revoked: [{ issuer, serial }],
    identities: IDENTITIES,
    certificates,
    keys,
  }
  writeFileSync(FILE, `${JSON.stringify(written, null, 2)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The numbers of a private RSA key, in hex. */
function keyOf(/** @type {string} */ pem) {
  const jwk = createPrivateKey(pem).export({ format: 'jwk' })
  const number = (/** @type {string | undefined} */ text) => Buffer.from(text ?? '', 'base64url').toString('hex')
  return { n: number(jwk.n), e: number(jwk.e), d: number(jwk.d), p: number(jwk.p), q: number(jwk.q) }
}
