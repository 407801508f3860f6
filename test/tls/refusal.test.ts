/** RFC 5246 7.2.2, RFC 8446 6.2: whoever refuses a certificate says why, with an alert that fits its fault. */
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { SEATS } from '../../protocol/seat.ts'
import { openQuestion } from '../../protocol/round/fold/progress.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { ALERT, type AlertName } from '../../protocol/tls/format/messages.ts'
import { answersFaults, CERTIFICATE_FAULTS, type CertificateFault } from '../../protocol/tls/keys/certificate.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const exercise = loadExercises('exercises').get('https-certificate')!
const scenes = exercise.scenes.filter(({ tls }) => tls?.server.shows?.[0] !== 'bank')

const FITTING: { readonly [F in CertificateFault]: AlertName } = {
  unreadable: 'bad_certificate',
  'out-of-order': 'bad_certificate',
  'wrong-name': 'bad_certificate',
  expired: 'certificate_expired',
  'not-yet-valid': 'certificate_expired',
  'self-signed': 'unknown_ca',
  'unknown-issuer': 'unknown_ca',
  'not-an-authority': 'bad_certificate',
  'bad-signature': 'bad_certificate',
  revoked: 'certificate_revoked',
  'no-private-key': 'decrypt_error',
}

test.each(CERTIFICATE_FAULTS)('%s is answered by its own alert, or by one that gives no reason', (fault) => {
  const fitting = (Object.keys(ALERT) as AlertName[]).filter((alert) => answersFaults(alert, [fault]))
  expect(fitting.sort()).toEqual([FITTING[fault], 'certificate_unknown', 'handshake_failure'].sort())
})

/** The scene, up to where the client has to refuse. */
function atRefusal(id: string): RoundFixture {
  const only = { ...exercise, scenes: exercise.scenes.filter((scene) => scene.id === id) }
  const fixture = new RoundFixture(only, 'guided', seededRandom(1))
  return fixture.play(
    ({ hosts }) => (hosts.client.tls?.endpoint.peer?.faults.length ?? 0) > 0 && hosts.client.tcb.owes.length === 0,
  )
}

describe.each(scenes.filter(({ id }) => id !== 'right').map(({ id }) => [id] as const))('the scene %s', (id) => {
  test('refuses what does not fit, saying what would, and takes what does', () => {
    const fixture = atRefusal(id)
    fixture.play((world) => !openQuestion(world, 'client'))
    const { faults } = fixture.world.hosts.client.tls!.endpoint.peer!
    const right = FITTING[faults[0]!]
    const write = (alert: AlertName) =>
      fixture.act('client', { kind: 'write', message: { kind: 'tls', choice: { say: 'Alert', alert } } })
    for (const alert of ['record_overflow', 'user_canceled', 'close_notify'] as const) {
      const { verdict } = write(alert)
      expect(verdict).toMatchObject({ outcome: 'refused', findings: [{ given: alert, want: right, rule: 'RFC 5246 7.2.2' }] })
    }
    expect(write(right).verdict.outcome).toBe('accepted')
    expect(fixture.world.hosts.client.writtenMessages.at(-1)?.name).toBe('Alert')
  })
})

describe('whatever a question is about stands on the page', () => {
  /** What a seat of the round has been shown until the question is asked, without what differs in any two rounds. */
  function shownBefore(id: string, question: string): string {
    const only = { ...exercise, scenes: exercise.scenes.filter((scene) => scene.id === id) }
    const fixture = new RoundFixture(only, 'exam', seededRandom(1))
    fixture.play((world) => openQuestion(world, 'client')?.id === question)
    const RANDOM = ['random', 'public-value', 'signature', 'exchange', 'verify-data']
    const read = fixture.views.client.flatMap(({ event }) => event.read ?? [])
    return JSON.stringify(read.flatMap(({ facts = [] }) => facts.filter(({ name }) => !RANDOM.includes(name))))
  }

  const asked = exercise.scenes.flatMap((scene) =>
    SEATS.flatMap((seat) =>
      (scene.questions?.[seat] ?? []).filter(({ when }) => when).map((question) => ({ scene, seat, question })),
    ),
  )
  const rightOf = (question: (typeof asked)[number]['question']) => question.choices.find(({ right }) => right)!.text.en
  const pairs = asked.flatMap((one, i) =>
    asked
      .slice(i + 1)
      .filter((other) => other.question.id === one.question.id && other.seat === 'client' && one.seat === 'client')
      .filter((other) => rightOf(other.question) !== rightOf(one.question))
      .map((other) => ({ question: one.question.id, one: one.scene.id, other: other.scene.id })),
  )

  test('some questions have other answers in other scenes', () => expect(pairs.length).toBeGreaterThan(2))

  test.each(pairs)('$question: the views of $one and $other differ', ({ question, one, other }) => {
    expect(shownBefore(one, question)).not.toBe(shownBefore(other, question))
  })

  test('no-private-key and right differ in the signature that was checked', () => {
    expect(shownBefore('no-private-key', 'accept-third')).toContain('{"name":"signature-check","value":"fails"}')
    expect(shownBefore('right', 'accept-third')).toContain('{"name":"signature-check","value":"holds"}')
  })
})
