/** Terms of the glossary within texts. */
import { describe, expect, it } from 'vitest'
import { splitByTerms } from '../../client/src/glossary/split-terms.ts'
import { loadExercises } from '../../exercises/load.ts'
import { LANGS, type Lang } from '../../protocol/round/model/exercise.ts'

/** The terms that are marked, as they are written, each with its id. */
const marks = (text: string, lang: Lang = 'en') =>
  splitByTerms(text, lang).flatMap((part) => (part.term ? [`${part.text}: ${part.term.id}`] : []))

describe('terms in a text', () => {
  it('are marked once each, whatever their spelling', () => {
    expect(marks('Your seq is a sequence number. The next seq follows; an ack does too.')).toEqual(['seq: seq', 'ack: ack'])
    expect(marks('Sequence numbers count bytes. The SYN bit is set.')).toEqual(['Sequence numbers: seq', 'SYN bit: syn'])
  })

  it('are the longest that fit', () => {
    expect(marks('Your initial sequence number is called x.')).toEqual(['initial sequence number: isn'])
    expect(marks('After 2MSL it leaves TIME-WAIT.')).toEqual(['2MSL: 2msl', 'TIME-WAIT: time-wait'])
    expect(marks('你的初始序号记作 x，确认号 ack 是 y+1。', 'zh')).toEqual(['初始序号: isn', '确认号 ack: ack'])
  })

  it('are words of their own: a state, a number, and bits that belong together stay whole', () => {
    expect(marks('It goes to SYN-SENT, sends a SYN,ACK and notes RCV.NXT.')).toEqual(['SYN-SENT: syn-sent', 'RCV.NXT: rcv-nxt'])
    expect(marks('A package, listening and acknowledged: LISTENER.')).toEqual([])
    expect(marks('seq=x+1, ack=y+1')).toEqual(['seq: seq', 'ack: ack'])
    expect(marks('In the ACK bit: FIN.')).toEqual(['ACK bit: ack-bit', 'FIN: fin'])
  })

  it('leave the text as it is', () => {
    const texts = loadExercises('exercises')
      .all()
      .flatMap(({ scenes }) => scenes.map(({ brief }) => brief.client))
    for (const lang of LANGS)
      for (const text of texts)
        expect(
          splitByTerms(text[lang], lang)
            .map((part) => part.text)
            .join(''),
        ).toBe(text[lang])
  })
})
