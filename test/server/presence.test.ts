import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalCluster } from '../../server/nodes/cluster.ts'
import { createPresence, type Presence } from '../../server/nodes/presence.ts'
import { testCluster } from '../support/nodes.ts'
import { manualTime, type ManualTime } from '../support/time.ts'

const GRACE = 3_000

let time: ManualTime
beforeEach(() => {
  time = manualTime()
})

/** Presence with everything that it says, as `+ann`, `-ann`. */
function open(cluster = createLocalCluster()): { presence: Presence; said: string[] } {
  const presence = createPresence({ cluster, now: time.now, after: time.after })
  const said: string[] = []
  presence.onChange((participant) => said.push(`${presence.isPresent(participant) ? '+' : '-'}${participant}`))
  return { presence, said }
}

describe('on one node', () => {
  it('a participant is present while some socket of theirs is', () => {
    const { presence, said } = open()
    const [first, second] = [presence.connect('ann', 'lesson'), presence.connect('ann', 'lesson')]
    presence.connect('bob', 'lesson')
    expect([presence.isPresent('ann'), presence.isPresent('cat'), presence.countPresent('lesson')]).toEqual([true, false, 2])
    first()
    time.pass(GRACE)
    expect(presence.isPresent('ann')).toBe(true)
    second()
    time.pass(GRACE)
    expect([presence.isPresent('ann'), presence.countPresent('lesson'), presence.countPresent('another')]).toEqual([false, 1, 0])
    expect(said).toEqual(['+ann', '+bob', '-ann'])
  })

  it('a reload is no absence', () => {
    const { presence, said } = open()
    const leave = presence.connect('ann', 'lesson')
    leave()
    time.pass(GRACE - 1)
    const again = presence.connect('ann', 'lesson')
    time.pass(GRACE)
    expect(presence.isPresent('ann')).toBe(true)
    again()
    time.pass(GRACE)
    expect(said).toEqual(['+ann', '-ann'])
  })

  it('says nothing more once it is closed', () => {
    const { presence, said } = open()
    const [ann, bob] = [presence.connect('ann', 'lesson'), presence.connect('bob', 'lesson')]
    ann()
    presence.close()
    bob()
    time.pass(10 * GRACE)
    expect(said).toEqual(['+ann', '+bob'])
  })
})

describe('on many nodes', () => {
  it('whoever is connected to one is present on all, and leaves with the last connection', () => {
    const cluster = testCluster()
    const [one, other] = [open(cluster.join()), open(cluster.join())]
    const leaveOne = one.presence.connect('ann', 'lesson')
    const leaveOther = other.presence.connect('ann', 'lesson')
    expect([one.presence.countPresent('lesson'), other.presence.countPresent('lesson')]).toEqual([1, 1])
    leaveOne()
    time.pass(GRACE)
    expect([one.presence.isPresent('ann'), other.presence.isPresent('ann')]).toEqual([true, true])
    leaveOther()
    time.pass(GRACE)
    expect([one.said, other.said]).toEqual([
      ['+ann', '-ann'],
      ['+ann', '-ann'],
    ])
  })

  it('a new node is told who is there', () => {
    const cluster = testCluster()
    open(cluster.join()).presence.connect('ann', 'lesson')
    expect(open(cluster.join()).presence.isPresent('ann')).toBe(true)
  })

  it('what was lost between them is mended', () => {
    const cluster = testCluster()
    const [one, other] = [open(cluster.join()), open(cluster.join())]
    const leave = one.presence.connect('ann', 'lesson')
    cluster.cut()
    leave()
    one.presence.connect('bob', 'lesson')
    time.pass(GRACE)
    expect([other.presence.isPresent('ann'), other.presence.isPresent('bob')]).toEqual([true, false])
    cluster.mend()
    expect([other.presence.isPresent('ann'), other.presence.isPresent('bob')]).toEqual([false, true])
  })

  it('a node that has died takes with it those who have not come back elsewhere', async () => {
    const cluster = testCluster()
    const dying = cluster.join()
    const [one, other] = [open(dying), open(cluster.join())]
    one.presence.connect('ann', 'lesson')
    one.presence.connect('bob', 'lesson')
    await dying.close()
    one.presence.close()
    other.presence.connect('bob', 'lesson')
    time.pass(25_000)
    expect([other.presence.isPresent('ann'), other.presence.isPresent('bob')]).toEqual([false, true])
    expect(other.said).toEqual(['+ann', '+bob', '-ann'])
  })

  it('a node that lives is believed for as long as it says so', () => {
    const cluster = testCluster()
    const [one, other] = [open(cluster.join()), open(cluster.join())]
    one.presence.connect('ann', 'lesson')
    time.pass(120_000)
    expect(other.said).toEqual(['+ann'])
  })
})
