/**
 * What captures of other networks hold that a capture of one host's own traffic does not: losses, one direction only, segments in another
 * order or twice, connections that began before. Each scenario states what is told of each segment; nothing means that it is legal and
 * needs no remark.
 */
import { describe, expect, it } from 'vitest'
import { captureOf, judgeAll, line, type Line, PLAIN } from '../support/capture.ts'

/** A scenario: each segment, and after ` // ` what is told of it: `lacking`, `remark FIELD` or `violation FIELD`. */
type Scenario = readonly (string | [Line, string])[]

const saidOf = (each: Scenario[number]): string | Line => (typeof each === 'string' ? each.split(' // ')[0]! : each[0])
const expectedOf = (each: Scenario[number]): string => (typeof each === 'string' ? (each.split(' // ')[1] ?? '') : each[1])

const told = (scenario: Scenario): string[] =>
  judgeAll(captureOf(scenario.map(saidOf))).judged.map(({ verdict, assumesLoss, findings }) =>
    [
      ...(verdict === 'violation' ? ['violation'] : assumesLoss ? ['lacking'] : findings.length > 0 ? ['remark'] : []),
      ...findings.map(({ field }) => field),
    ].join(' '),
  )

const OPEN = PLAIN.slice(0, 3)
/** The client's request and its acknowledgment, after `OPEN`. */
const ASKED = [...OPEN, 'client PSH,ACK 1 1 100', 'server ACK 1 101 0']
/** A line whose text is changed in one octet. */
const otherText = (text: string): Scenario[number] => {
  const said = line(saidOf(text) as string)
  return [{ ...said, payload: said.payload.map((octet, i) => (i === 1 ? octet ^ 1 : octet)) }, expectedOf(text)]
}
/** A line with these absolute numbers. */
const absolute = (text: string, numbers: Partial<Line['segment']>): Scenario[number] => {
  const said = line(saidOf(text) as string)
  return [{ ...said, segment: { ...said.segment, ...numbers } }, expectedOf(text)]
}

const LOSSES: Record<string, Scenario> = {
  'an acknowledgment over a gap that the capture has left': [
    ...ASKED,
    'server ACK 1 101 1000',
    'server ACK 2001 101 1000 // lacking',
    'client ACK 101 1001 0',
    'client ACK 101 2001 0 // lacking',
    'client ACK 101 3001 0',
  ],
  'an acknowledgment inside such a gap, which ends with the FIN': [
    ...ASKED,
    'server FIN,ACK 1461 101 5 // lacking',
    'client ACK 101 731 0 // lacking',
    'server ACK 731 101 730',
    'client ACK 101 1467 0',
  ],
  'the first acknowledgment of what was not captured is a violation; not those after the peer has gone on from there': [
    ...ASKED,
    'client ACK 101 501 0 // violation ack',
    'server ACK 501 101 100 // lacking',
    'client ACK 101 601 0 // lacking',
    'client ACK 101 801 0 // lacking',
    'server ACK 801 101 100',
    'client ACK 101 902 0 // violation ack',
  ],
  'nor those after which the peer has not been captured at all': [
    ...ASKED,
    'client ACK 101 501 0 // violation ack',
    'client ACK 101 901 0 // lacking',
    'client ACK 101 1301 0 // lacking',
  ],
  'a segment whose own number shows a loss may acknowledge what was lost with it': [
    ...ASKED,
    'server ACK 501 301 100 // lacking',
    'client ACK 301 601 100 // lacking',
  ],
  'an acknowledgment that fits nothing that follows stays a violation': [
    ...ASKED,
    'client ACK 101 501 0 // violation ack',
    'server ACK 1 101 100',
    'client ACK 101 101 0',
    'client ACK 101 601 0 // violation ack',
  ],
}

const ONE_DIRECTION: Record<string, Scenario> = {
  'of the client only': [
    'client SYN 0 - 0',
    'client ACK 1 1 0 // lacking',
    'client PSH,ACK 1 1 100',
    'client ACK 101 5001 0 // lacking',
    'client ACK 101 100001 100 // lacking',
    'client FIN,ACK 201 100002 0 // lacking',
  ],
  'of the server only': [
    'server SYN,ACK 0 1 0',
    'server ACK 1 101 0 // lacking',
    'server ACK 1 101 60000 // lacking',
    'server ACK 60001 101 60000 // lacking',
    'server FIN,ACK 120001 101 0 // lacking',
  ],
  'of the server only, whose text follows at once': ['server SYN,ACK 0 1 0', 'server ACK 1 101 1000 // lacking'],
  'without the SYN,ACK': [
    'client SYN 0 - 0',
    'client ACK 1 1 0 // lacking',
    'client ACK 1 1 100',
    'server ACK 1 101 0',
    'server ACK 1 101 1000',
    'client ACK 101 1001 0',
    'client ACK 101 1002 0 // violation ack',
  ],
  'a third segment is needed where the client has been captured': [...OPEN.slice(0, 2), 'server ACK 1 1 100 // violation payload'],
}

const DISORDER: Record<string, Scenario> = {
  'an acknowledgment captured before its data': [...OPEN, 'server ACK 1 101 0', 'client ACK 1 1 100', 'server ACK 1 101 20'],
  'an acknowledgment captured before its data, in two segments': [
    ...OPEN,
    'server ACK 1 301 0',
    'client ACK 1 1 100',
    'client ACK 101 1 200',
  ],
  'one octet more than what follows is miscounted': [...OPEN, 'server ACK 1 2 0 // violation ack', 'client ACK 1 1 1'],
  'an ACK captured before its own FIN': [
    ...ASKED,
    'client FIN,ACK 101 1 0',
    'server ACK 2 102 0',
    'server FIN,ACK 1 101 0',
    'client ACK 102 2 0',
  ],
  'one number too many, if the FIN was sent later': [
    ...ASKED,
    'client FIN,ACK 101 1 0',
    'server ACK 2 102 0 // violation seq',
    'server FIN,ACK 1 102 0',
  ],
  'a FIN with text, overtaken by an ACK': [
    ...ASKED,
    'client FIN,ACK 101 1 0',
    'server ACK 25 102 0 // lacking',
    'server FIN,ACK 1 101 23',
    'client ACK 102 25 0',
  ],
  'an ACK overtaken by newer ones': [
    ...ASKED,
    'server ACK 1 101 3000',
    'server ACK 3001 101 3000',
    'client ACK 101 6001 0',
    'client ACK 101 2500 0',
    'client ACK 101 3001 0 // remark ack',
  ],
  'an old number with an old ACK': [...ASKED, 'server ACK 1 101 100', 'client ACK 101 101 50', 'client ACK 101 1 0 // remark ack'],
}

const STACKS: Record<string, Scenario> = {
  'RFC 9293 3.10.7.4, first: an ACK inside a segment that was cut anew or trimmed': [
    ...ASKED,
    'server ACK 1 101 1400',
    'client ACK 101 701 0',
    'client ACK 101 1401 0',
  ],
  'one number beside the edge of a segment is miscounted': [
    ...ASKED,
    'server ACK 1 101 1400',
    'client ACK 101 1400 0 // violation ack',
  ],
  'RFC 9293 3.10.7.4: text taken in, the FIN after it cut off, which comes again alone': [
    ...ASKED,
    'server FIN,ACK 1 101 27',
    'client ACK 101 28 0',
    'server FIN,ACK 28 101 0',
    'client ACK 101 29 0',
  ],
  'that FIN miscounted': [
    ...ASKED,
    'server FIN,ACK 1 101 27',
    'client ACK 101 28 0 // violation ack',
    'client FIN,ACK 101 29 0',
    'server ACK 29 102 0',
  ],
  'a RST that has taken in the text and not the FIN': [...ASKED, 'server FIN,ACK 1 101 27', 'client RST,ACK 101 28 0'],
  'RFC 9293 3.8.4: 4.2BSD’s keep-alive, whose ACK is one less as well': [
    ...ASKED,
    'server ACK 1 101 123',
    'client ACK 101 124 0',
    'client ACK 100 123 1',
    'server ACK 124 101 0',
  ],
  'RFC 9293 3.5.3: a refusal with text': ['client SYN 0 - 0', absolute('server RST,ACK 0 1 11 // remark payload', { seq: 0 })],
  'RFC 9293 3.8.1: another ISN for the SYN,ACK that comes again': [
    ...OPEN.slice(0, 2),
    'server SYN,ACK 1000 1 0 // violation seq',
    'client ACK 1 1 0',
  ],
}

const RESETS: Record<string, Scenario> = {
  'RFC 9293 3.10.7.1: a closed host answers each segment of a flight': [
    ...ASKED,
    'server ACK 1 101 100',
    'client ACK 101 1 50',
    'client ACK 151 1 50',
    'client ACK 201 101 50',
    'server RST 101 - 0',
    'server RST 1 - 0',
    'server RST 1 - 0',
    'server RST 101 - 0',
  ],
  'also after a RST of the peer': [
    ...ASKED,
    'server ACK 1 101 100',
    'server ACK 101 101 100',
    'client RST 101 - 0',
    'client RST 101 - 0',
    'server FIN,ACK 201 101 0',
    'client RST 101 - 0',
  ],
  'a number that nothing acknowledged is none of these': [...ASKED, 'server RST 1 - 0', 'server RST 77 - 0 // violation seq'],
  'the numbers of a host that refuses a connection are absolute': ['client SYN 0 - 0', 'server RST,ACK 7 1 0 // violation seq'],
}

const COPIES: Record<string, Scenario> = {
  'the SYN again, in ESTABLISHED': [...ASKED, 'client SYN 0 - 0 // remark seq', 'server ACK 1 101 0', ...PLAIN.slice(5)],
  'the SYN again, after the close': [...PLAIN, 'client SYN 0 - 0 // remark seq'],
  'the SYN,ACK again, in ESTABLISHED': [...ASKED, 'server SYN,ACK 0 1 0 // remark seq'],
  'each segment twice': PLAIN.flatMap((text) => [text, text]),
}

const OLDER: Record<string, Scenario> = {
  'RFC 9293 3.5.1, figure 10: a SYN meets a connection that began before the capture': [
    'client SYN 0 - 0',
    'server ACK 5000 77777 0 // lacking',
    absolute('client RST 0 - 0', { seq: (1000 + 77777) >>> 0 }),
    'client SYN 0 - 0',
    'server SYN,ACK 0 1 0',
  ],
  'the ports are used again, and the close was not captured': [
    ...ASKED,
    absolute('client SYN 0 - 0', { seq: 900_000_000 }),
    absolute('server SYN,ACK 0 1 0 // lacking', { seq: 800_000_000, ack: 900_000_001 }),
    absolute('client ACK 0 1 0', { seq: 900_000_001, ack: 800_000_001 }),
  ],
  'RFC 9293 3.8.4: a capture that begins with a keep-alive': ['client ACK 0 0 0', 'client PSH,ACK 1 0 86', 'server ACK 0 87 0'],
  'of both sides': ['client ACK 0 0 0', 'server ACK 0 1 0', 'client ACK 1 0 20', 'client ACK 22 0 20 // violation seq'],
}

const FAULTS: Record<string, Scenario> = {
  'RFC 9293 3.8.1: other octets under old numbers, cut elsewhere': [
    ...OPEN,
    'server ACK 1 1 43',
    otherText('server ACK 1 1 348 // violation payload'),
  ],
  'RFC 9293 3.8.4: a keep-alive is not the third segment': [...OPEN.slice(0, 2), 'client ACK 0 1 0 // violation seq'],
  'RFC 9293 3.8.4: nor the last ACK': [...PLAIN.slice(0, -1), 'client ACK 101 1002 0 // violation seq'],
  'RFC 9293 3.4: new data never acknowledges less than before': [
    ...ASKED,
    'server ACK 1 101 100',
    'server ACK 101 101 100',
    'client ACK 101 201 0',
    'client ACK 101 101 50 // violation ack',
  ],
  'RFC 9293 3.4: an old number never comes with a newer ACK': [
    ...ASKED,
    'client ACK 101 1 50',
    'server ACK 1 151 100',
    'client ACK 101 101 0 // violation seq',
  ],
}

describe.each(
  Object.entries({
    'what the capture lacks': LOSSES,
    'one direction only': ONE_DIRECTION,
    'another order': DISORDER,
    'other implementations': STACKS,
    'several resets': RESETS,
    'the same segment twice (RFC 9293 3.4)': COPIES,
    'what began before': OLDER,
    'faults all the same': FAULTS,
  }),
)('%s', (_kind, scenarios) => {
  it.each(Object.entries(scenarios))('%s', (_what, scenario) => {
    expect(told(scenario)).toEqual(scenario.map(expectedOf))
  })
})
