import { describe, expect, test } from 'vitest'
import { FLOOD_SCENES, type FloodWorld } from '../../protocol/class/flood/flood-world.ts'
import type { FloodPhoneView, FloodScreenView } from '../../protocol/class/flood/flood-views.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { ACK, SYN } from '../../protocol/segment.ts'
import { ActivityFixture } from '../support/activity.ts'

const SETUP = { kind: 'syn-flood', seed: 7, halfOpenMs: 2_300 } as const

/** A flood of so many phones: `p1` is the first to come, and `p3` the first that means it. */
function flood(phones: number, scene = 0): ActivityFixture {
  const at = new ActivityFixture(SETUP)
  for (let i = 1; i <= phones; i++) at.act(`p${i}`, { kind: 'enter' })
  at.act('teacher', { kind: 'open-scene', scene })
  return at
}
const viewOf = (at: ActivityFixture, id: string): FloodPhoneView => at.activity.viewFor(id) as FloodPhoneView
const screenOf = (at: ActivityFixture) => at.activity.viewForScreen() as FloodScreenView
const send = (at: ActivityFixture, id: string) => at.act(id, { kind: 'send-due' })
const vanishing = (at: ActivityFixture, phones: number) =>
  Array.from({ length: phones }, (_, i) => `p${i + 1}`).filter((id) => viewOf(at, id).vanishes)

describe.each([3, 30, 150])('a class of %i phones', (phones) => {
  test('one SYN of each that vanishes fills the backlog; an honest host is then dropped, and gets in once the time is over', () => {
    const at = flood(phones)
    expect(viewOf(at, 'p3')).toMatchObject({ vanishes: false, reason: 'not-yet', state: 'CLOSED' })
    for (const id of vanishing(at, phones)) send(at, id)
    const { backlog, halfOpen, connections, committedOctets } = screenOf(at)
    expect([halfOpen.length, connections, committedOctets]).toEqual([backlog, { honest: 0, nobody: 0 }, 0])

    expect(viewOf(at, 'p3').reason).toBeNull()
    send(at, 'p3')
    expect(viewOf(at, 'p3')).toMatchObject({ fate: 'dropped', state: 'SYN-SENT', reason: 'nothing-to-send', heard: null })
    expect(screenOf(at).counts.refusedHonest).toBe(1)

    at.act('teacher', { kind: 'pass-time' })
    expect(screenOf(at).halfOpen).toEqual([])
    send(at, 'p3') // its timer has gone off: the same SYN again
    expect(viewOf(at, 'p3')).toMatchObject({ fate: 'answered', heard: { bits: SYN | ACK, seq: 'y', ack: 'x+1' } })
    send(at, 'p3')
    expect(viewOf(at, 'p3')).toMatchObject({ fate: 'connected', state: 'ESTABLISHED' })
    expect(screenOf(at)).toMatchObject({ connections: { honest: 1, nobody: 0 }, halfOpen: [] })
    at.foldAnew()
  })

  test('with a handshake of two segments, each SYN commits a connection with its buffer, for ever', () => {
    const at = flood(phones, 1)
    const ids = vanishing(at, phones)
    for (const id of ids) send(at, id)
    send(at, 'p3')
    expect(viewOf(at, 'p3')).toMatchObject({ fate: 'connected', state: 'ESTABLISHED' })
    at.act('teacher', { kind: 'pass-time' })
    expect(screenOf(at)).toMatchObject({
      connections: { honest: 1, nobody: ids.length },
      committedOctets: ids.length * 65_535,
      halfOpen: [],
    })
    at.foldAnew()
  })

  test('with SYN cookies the same flood fills nothing, and an honest host is connected', () => {
    const at = flood(phones, 2)
    const ids = vanishing(at, phones)
    for (const id of ids) send(at, id)
    expect(screenOf(at)).toMatchObject({ halfOpen: [], connections: { honest: 0, nobody: 0 }, counts: { unheard: ids.length } })
    send(at, 'p3')
    expect(viewOf(at, 'p3').fate).toBe('answered')
    expect((at.activity.world as FloodWorld).connections).toEqual([])
    send(at, 'p3')
    expect(viewOf(at, 'p3')).toMatchObject({ fate: 'connected', state: 'ESTABLISHED' })
    expect(screenOf(at)).toMatchObject({ connections: { honest: 1, nobody: 0 }, committedOctets: 0 })
    at.foldAnew()
  })

  test('phones come late, leave, press again and err: the world folds from the log, and the server keeps to its backlog', () => {
    const random = seededRandom(phones)
    const at = new ActivityFixture(SETUP)
    const pick = (many: number) => Math.floor(random() * many)
    let come = 0
    for (let turn = 0; turn < 600; turn++) {
      const id = `p${1 + pick(Math.max(1, come))}` // whoever is never drawn again has left
      const what = random()
      if (come < phones && what < 0.4) at.act(`p${++come}`, { kind: 'enter' })
      else if (what < 0.45)
        at.act(id, { kind: 'send', segment: { bits: SYN | ACK, seq: 'x', ack: 'y', length: 0 }, state: 'SYN-SENT' })
      else if (what < 0.48) at.act('teacher', { kind: 'pass-time' })
      else if (what < 0.49) at.act('teacher', { kind: 'open-scene', scene: pick(FLOOD_SCENES.length) })
      else send(at, id)
      const { halfOpen, backlog, hosts, scene } = screenOf(at)
      expect(halfOpen.length).toBeLessThanOrEqual(scene === 'three-way' ? backlog : 0)
      expect(hosts.length).toBe(come)
    }
    at.foldAnew()
  })
})

test('a wrong SYN is refused with what is wrong with it, and nothing leaves', () => {
  const at = flood(3)
  const wrong = at.act('p1', { kind: 'send', segment: { bits: SYN, seq: 'x+1', ack: '', length: 0 }, state: 'SYN-SENT' })
  expect(wrong.verdict).toMatchObject({ outcome: 'refused', findings: [{ field: 'seq' }] })
  const unreadable = at.act('p1', { kind: 'send', segment: { bits: SYN, seq: 'z', ack: '', length: 0 }, state: 'SYN-SENT' })
  expect(unreadable.verdict).toMatchObject({ outcome: 'barred', reason: 'unreadable-seq' })
  expect(screenOf(at).counts.syns).toBe(0)
  at.act('p1', { kind: 'send', segment: { bits: SYN, seq: 'x', ack: '', length: 0 }, state: 'SYN-SENT' })
  expect(viewOf(at, 'p1')).toMatchObject({ fate: 'vanished', state: 'SYN-SENT' })
})

test('an ACK for a half-open connection that has expired is answered with a RST, and the host may ask again', () => {
  const at = flood(3)
  for (const id of ['p1', 'p2']) send(at, id)
  at.act('teacher', { kind: 'pass-time' })
  for (const id of ['p1', 'p2']) send(at, id)
  send(at, 'p3')
  at.act('teacher', { kind: 'pass-time' })
  send(at, 'p3')
  expect(viewOf(at, 'p3').fate).toBe('answered')
  at.act('teacher', { kind: 'pass-time' })
  send(at, 'p3')
  expect(viewOf(at, 'p3')).toMatchObject({ fate: 'reset', state: 'CLOSED', reason: null })
  send(at, 'p3')
  expect(viewOf(at, 'p3').fate).toBe('answered')
})

test('an ACK that no cookie of the server stands behind opens nothing', () => {
  const at = flood(3, 2)
  send(at, 'p3')
  const forged = at.act('p3', { kind: 'send', segment: { bits: ACK, seq: 'x+1', ack: 'y+2', length: 0 }, state: 'ESTABLISHED' })
  expect(forged.verdict.outcome).toBe('refused')
  expect(screenOf(at).connections.honest).toBe(0)
})

test('only the teacher opens scenes and lets time pass, and nobody acts before their host has come', () => {
  const at = flood(3)
  expect(at.act('p1', { kind: 'open-scene', scene: 1 }).verdict.reason).toBe('not-yours')
  expect(at.act('p1', { kind: 'pass-time' }).verdict.reason).toBe('not-yours')
  expect(at.act('p9', { kind: 'send-due' }).verdict.reason).toBe('not-yours')
  expect(at.act('p1', { kind: 'enter' }).verdict.reason).toBe('already-called')
})

test('what the projector is sent names nobody', () => {
  const at = flood(30)
  for (const id of vanishing(at, 30)) send(at, id)
  expect(JSON.stringify(screenOf(at))).not.toMatch(/"p\d+"/)
})
