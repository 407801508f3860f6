/** The commands `handshake play` and `handshake check`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCheck } from '../../cli/check.ts'
import { runPlay } from '../../cli/play.ts'
import type { Streams } from '../../cli/streams.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'handshake-commands-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

/** Runs a command and returns its output and exit status. */
function run(command: (streams: Streams) => number) {
  const wrote = { stdout: '', stderr: '' }
  const into = (name: keyof typeof wrote) =>
    new Writable({
      write(chunk, _encoding, done) {
        wrote[name] += String(chunk)
        done()
      },
    })
  const status = command({ stdin: Readable.from([]), stdout: into('stdout'), stderr: into('stderr'), env: {} })
  return { ...wrote, status }
}
const plays = (...args: string[]) => run((streams) => runPlay(args, streams, 'exercises'))

describe('handshake play', () => {
  test('prints the conversation in the notation of the exercise, in either language', () => {
    const { stdout, status } = plays('handshake')
    expect(status).toBe(0)
    expect(stdout).toContain('      50 ms  server > client  SYN,ACK seq=y ack=x+1\n')
    expect(stdout).toMatch(/over: goal\n$/)
    expect(plays('handshake', '--lang', 'zh').stdout).toContain('# 三次握手')
  })

  test('the same seed gives the same bytes, another one others', () => {
    const bytes = (seed: string) => {
      const file = join(dir, 'round.pcapng')
      const { stdout } = plays('data', '--seed', seed, '--pcap', file, '--format', 'jsonl')
      return stdout + readFileSync(file, 'latin1')
    }
    expect(bytes('7')).toBe(bytes('7'))
    expect(bytes('7')).not.toBe(bytes('8'))
  })

  test('each entry of the log is a line of JSON', () => {
    const lines = plays('handshake', '--format', 'jsonl').stdout.trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { index: number }).index)).toEqual(lines.map((_, i) => i))
  })

  test.each([
    [[], /which exercise\? Usage: handshake play EXERCISE/],
    [['nothing'], /there is no exercise nothing\. These are there: warm-up, handshake/],
    [['handshake', 'data'], /one exercise at a time/],
    [['handshake', '--level', 'hard'], /--level takes guided, standard, exam/],
    [['handshake', '--lang', 'de'], /--lang takes en, zh/],
    [['handshake', '--seed', '-1'], /--seed/],
    [['handshake', '--format', 'xml'], /--format takes text or jsonl/],
    [['handshake', '--colour'], /--colour/],
    [['handshake', '--pcap', '/no/such/folder/x.pcapng'], /cannot write \/no\/such\/folder\/x\.pcapng/],
  ])('%j is one clear line, and status 2', (args, complaint) => {
    const { stderr, status } = plays(...args)
    expect(status).toBe(2)
    expect(stderr.trim()).toMatch(complaint)
    expect(stderr.trim()).not.toContain('\n')
  })
})

describe('handshake check', () => {
  const checks = (text: string) => {
    const file = join(dir, 'handshake.yaml')
    writeFileSync(file, text)
    return run((streams) => runCheck([file], streams))
  }
  const good = readFileSync('exercises/handshake.yaml', 'utf8')

  test('a good file is said to be good', () => {
    expect(checks(good)).toMatchObject({ status: 0, stderr: '' })
  })

  test('a goal that the applications do not lead to is found by play, with its line', () => {
    const text = good.replace(/goal:\n( +)client: ESTABLISHED/, 'goal:\n$1client: CLOSED')
    const line = text.split('\n').findIndex((each) => each.trim() === 'goal:') + 1
    const { status, stderr } = checks(text)
    expect(status).toBe(1)
    expect(stderr).toMatch(new RegExp(`^handshake\\.yaml:${line}: scenes\\[0\\]\\.goal is not reached by two built-in partners`))
  })

  test('a milestone that nobody meets on the way is named', () => {
    const { stderr } = checks(good.replace('deed: { says: ESTABLISHED }', 'deed: { resends: SYN }'))
    expect(stderr).toMatch(/milestones\.client has established, which .* do not meet|is not reached by/)
  })

  test('a file that cannot be read, and none at all', () => {
    expect(run((streams) => runCheck([join(dir, 'none.yaml')], streams))).toMatchObject({ status: 1 })
    expect(run((streams) => runCheck([], streams)).stderr).toMatch(/which file\?/)
  })
})
