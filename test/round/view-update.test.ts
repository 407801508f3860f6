/** Views are transferred as the changes to the view before. In any round, applying the updates in order gives the views. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyPatch, makePatch } from '../../protocol/patch.ts'
import { mergeView, toViewUpdate, withoutEcho } from '../../protocol/round/view/view-update.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import { exercises } from '../support/exercises.ts'
import { runs } from '../support/volume.ts'
import { RoundFixture } from '../support/round-fixture.ts'

describe('a patch', () => {
  // No view has a field `__proto__`.
  const json = (maxDepth: number) => fc.jsonValue({ maxDepth }).filter((value) => !JSON.stringify(value).includes('__proto__'))
  /** Two values that have much in common. */
  const versions = fc
    .tuple(json(4), fc.dictionary(fc.string({ maxLength: 2 }), json(2)))
    .map(([a, more]) => [a, isObject(a) ? { ...a, ...more } : more] as const)

  it('makes the later value of the earlier one, through JSON, and changes neither', () => {
    fc.assert(
      fc.property(fc.oneof(versions, fc.tuple(json(3), json(3))), ([before, after]) => {
        const texts = [JSON.stringify(before), JSON.stringify(after)]
        const patch = makePatch<unknown>(before, after)
        const made = patch === undefined ? before : applyPatch<unknown>(before, JSON.parse(JSON.stringify(patch)) as typeof patch)
        expect(JSON.parse(JSON.stringify(made))).toEqual(JSON.parse(texts[1]!))
        expect([before, after].map((each) => JSON.stringify(each))).toEqual(texts)
      }),
      runs('patches'),
    )
  })

  it('says nothing of what has stayed, and names single fields of objects and elements of arrays', () => {
    expect(makePatch({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toBeUndefined()
    expect(makePatch({ a: { b: 1, c: 2 }, d: [{ e: 1 }, { e: 2 }] }, { a: { b: 1, c: 3 }, d: [{ e: 1 }, { e: 3 }] })).toEqual({
      a: { c: 3 },
      d: { 1: { e: 3 } },
    })
  })

  it('replaces what has lost a field or an element', () => {
    expect(makePatch<unknown>({ a: { b: 1, c: 2 }, d: [1, 2] }, { a: { b: 1 }, d: [1] })).toEqual({ a: [{ b: 1 }], d: [[1]] })
  })
})

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

describe('the reply to an act', () => {
  const fixture = new RoundFixture(exercises.get('handshake')!)
  fixture.call('server', { call: 'OPEN', mode: 'passive' })
  const { entries, views } = fixture
  const [before, own] = views.server as [PlayerView, PlayerView]
  const update = toViewUpdate(own, before.now)
  const { actionId, action } = entries.at(-1)!

  it('does not repeat what its author has just sent, and the author makes the same view of it', () => {
    const reply = withoutEcho(update, { id: actionId, action })
    expect(reply.event.act).toEqual({ outcome: 'accepted', findings: [] })
    expect(mergeView(before, reply, { id: actionId, action })).toEqual(own)
  })

  it('says the action that its view shows where another was sent', () => {
    const sent = { id: actionId, action: { kind: 'wait' } } as const
    expect(mergeView(before, withoutEcho(update, sent), sent)).toEqual(own)
  })

  it('is whole where it is of another act', () => {
    expect(withoutEcho(update, { id: 'another', action })).toBe(update)
    expect(mergeView(before, update, { id: 'another', action: { kind: 'wait' } })).toEqual(own)
  })
})
