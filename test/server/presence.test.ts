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

/** A presence service, and its notifications as `+ann`, `-ann`. */
function open(cluster = createLocalCluster()): { presence: Presence; said: string[] } {
  const presence = createPresence({ cluster, now: time.now, after: time.after })
  const said: string[] = []
  presence.onChange((participant) => said.push(`${presence.isPresent(participant) ? '+' : '-'}${participant}`))
  return { presence, said }
}

/** Lets time pass in steps in which the nodes exchange their reports. */
async function passTime(ms: number): Promise<void> {
  const STEP = 500
  for (let passed = 0; ; passed += STEP) {
    await new Promise((resolve) => setImmediate(resolve))
    if (passed >= ms) return
    time.pass(STEP)
  }
}

describe('on one node', () => {
  it('a participant is present while some socket of theirs is', () => {
    const { presence, said } = open()
    const [first, second] = [presence.connect('ann', 'lesson'), presence.connect('ann', 'lesson')]
    presence.connect('bob', 'lesson')
    expect([presence.isPresent('ann'), presence.isPresent('cat')]).toEqual([true, false])
    first()
    time.pass(GRACE)
    expect(presence.isPresent('ann')).toBe(true)
    second()
    time.pass(GRACE)
    expect([presence.isPresent('ann'), presence.isPresent('bob')]).toEqual([false, true])
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
    expect([one.presence.isPresent('ann'), other.presence.isPresent('ann')]).toEqual([true, true])
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

  it('a new node finds out who is there', async () => {
    const cluster = testCluster()
    open(cluster.join()).presence.connect('ann', 'lesson')
    await passTime(2_000)
    const { presence } = open(cluster.join())
    await passTime(0)
    expect(presence.isPresent('ann')).toBe(true)
  })

  it('who comes and goes is known also where the messages between them are lost, and nobody says so', async () => {
    const cluster = testCluster()
    const [one, other] = [open(cluster.join()), open(cluster.join())]
    const leave = one.presence.connect('ann', 'lesson')
    await passTime(4_000)
    cluster.cut()
    leave()
    one.presence.connect('bob', 'lesson')
    await passTime(GRACE + 4_000)
    expect([other.presence.isPresent('ann'), other.presence.isPresent('bob')]).toEqual([false, true])
    await passTime(120_000)
    expect(other.said).toEqual(['+ann', '+bob', '-ann'])
  })

  it('who has come is known at once to a node that asks, even where the messages between them are lost', async () => {
    const cluster = testCluster()
    const [one, other] = [open(cluster.join()), open(cluster.join())]
    await passTime(0)
    cluster.cut()
    one.presence.connect('ann', 'lesson')
    await one.presence.refresh()
    expect(other.presence.isPresent('ann')).toBe(false)
    await other.presence.refresh()
    expect(other.presence.isPresent('ann')).toBe(true)
    cluster.tableFails = true
    await expect(other.presence.refresh()).rejects.toThrow('the database is away')
  })

  it('a node that asks often takes nobody for dead', async () => {
    const cluster = testCluster()
    const [one, other] = [open(cluster.join()), open(cluster.join())]
    one.presence.connect('ann', 'lesson')
    await passTime(0)
    for (let asked = 0; asked < 20; asked++) await other.presence.refresh()
    await passTime(2_500)
    expect(other.said).toEqual(['+ann'])
  })

  it('an older report does not undo what a node has told since', async () => {
    const cluster = testCluster()
    const [one, other] = [open(cluster.join()), open(cluster.join())]
    one.presence.connect('ann', 'lesson')
    await passTime(2_000)
    one.presence.connect('bob', 'lesson')
    await passTime(2_000)
    expect(other.said).toEqual(['+ann', '+bob'])
  })

  it('a node that has died takes with it those who have not come back elsewhere, and the others are told of its death', async () => {
    const cluster = testCluster()
    const dying = cluster.join()
    const [one, other] = [open(dying), open(cluster.join())]
    const deaths: (readonly string[])[] = []
    other.presence.onNodeDeath((here) => deaths.push(here))
    one.presence.connect('ann', 'lesson')
    one.presence.connect('bob', 'lesson')
    await passTime(4_000)
    await dying.close()
    one.presence.close()
    other.presence.connect('bob', 'lesson')
    await passTime(20_000)
    expect([other.presence.isPresent('ann'), other.presence.isPresent('bob')]).toEqual([false, true])
    expect(other.said).toEqual(['+ann', '+bob', '-ann'])
    expect(deaths).toEqual([['bob']])
  })

  it('a node that lives is believed for as long as it says so', async () => {
    const cluster = testCluster()
    const [one, other] = [open(cluster.join()), open(cluster.join())]
    one.presence.connect('ann', 'lesson')
    await passTime(120_000)
    expect(other.said).toEqual(['+ann'])
  })

  it('while the database is away nobody is taken for dead', async () => {
    const cluster = testCluster()
    const [one, other] = [open(cluster.join()), open(cluster.join())]
    one.presence.connect('ann', 'lesson')
    await passTime(4_000)
    cluster.tableFails = true
    await passTime(60_000)
    cluster.tableFails = false
    await passTime(60_000)
    expect(other.said).toEqual(['+ann'])
  })

  it('messages that never arrive although the nodes are connected are told in one line, and so is their return', async () => {
    const cluster = testCluster()
    const lines: string[] = []
    const [one, other] = [cluster.join(), cluster.join((line) => lines.push(line))]
    open(one)
    open(other)
    const send = async (times: number) => {
      for (let time = 0; time < times; time++) {
        one.sendToOthers('session', 'a')
        await passTime(2_500)
      }
    }
    await send(3)
    expect(lines).toEqual([])
    cluster.cut()
    await send(5)
    expect(lines).toEqual([expect.stringMatching(/^Redis is connected, but what nodes tell each other does not arrive/)])
    cluster.restore()
    await send(3)
    expect(lines.slice(1)).toEqual(['What nodes tell each other arrives again.'])
  })

  it('messages that were lost are noticed: by the next one, or by what their sender says in the database', async () => {
    const cluster = testCluster()
    const [one, other] = [cluster.join(), cluster.join()]
    open(one)
    open(other)
    let losses = 0
    other.onMessageLoss(() => losses++)
    const lose = () => {
      cluster.cut()
      one.sendToOthers('session', 'lost')
      cluster.restore()
    }
    one.sendToOthers('session', 'heard')
    await passTime(4_000)
    expect(losses).toBe(0)
    lose()
    one.sendToOthers('session', 'heard')
    expect(losses).toBe(1)
    lose()
    await passTime(4_500)
    expect(losses).toBe(2)
    await passTime(60_000)
    expect(losses).toBe(2)
  })
})
