/**
 * Plays a seat through its page: takes the engine's next action from the round's log and enters it as a student would. What the student has
 * entered before is done as from a second tab, and the page follows; `VOLUME=full` enters everything.
 */
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { expect } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { CONTROL_BITS, hasBit } from '../../protocol/segment.ts'
import type { EngineAction } from '../../protocol/round/model/action.ts'
import { findQuestion } from '../../protocol/round/model/exercise.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import { foldEntries } from '../../protocol/round/fold/reducer.ts'
import { choosePartnerMove, toSeatAction } from '../../protocol/round/play/partner.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { readRow } from '../../server/rounds/log-postgres.ts'
import type { PrismaClient } from '../../server/generated/prisma/client.ts'
import { newId } from '../../server/base/ids.ts'
import type { Connection } from './lesson.ts'
import { inFull } from './messages.ts'
import { secondTab } from './second-tab.ts'
import type { Pair, Student } from './student.ts'
import { FULL } from './volume.ts'

const exercises = loadExercises('exercises')
const PATIENCE = { timeout: 20_000, interval: 20 }

/** The newest round of this participant that has begun, and its world, folded from its log. */
async function roundOf(prisma: PrismaClient, participant: string): Promise<{ readonly round: string; readonly world: World }> {
  const rounds = await prisma.round.findMany({
    where: { OR: [{ clientId: participant }, { serverId: participant }] },
    orderBy: { createdAt: 'desc' },
  })
  for (const { id } of rounds) {
    const rows = await prisma.entry.findMany({ where: { roundId: id }, orderBy: { index: 'asc' } })
    const world = foldEntries(rows.map(readRow))
    if (world) return { round: id, world }
  }
  throw new Error('no round has begun')
}

/** Called before an action is performed, once the page shows what the seat has to do next. */
type Look = (world: World, seat: Seat, what: EngineAction) => Promise<void>

/**
 * Plays the newest round of these students, against each other or against a built-in partner that acts at once: to its end, or until the world
 * is as wanted.
 */
export async function playOut(
  prisma: PrismaClient,
  students: Partial<Pair>,
  { look, until = ({ over }) => over !== null }: { readonly look?: Look; readonly until?: (world: World) => boolean } = {},
): Promise<void> {
  const [one] = Object.values(students)
  if (!one) throw new Error('nobody plays')
  const participant = participantOf(one)
  const now = () => roundOf(prisma, participant)
  const tabs = new Map<Student, Connection>()
  const tabOf = async (student: Student) => {
    const tab = tabs.get(student) ?? (await secondTab(student.page.context(), participantOf(student)))
    tabs.set(student, tab)
    return tab
  }
  const { round, world: beginning } = await now()
  for (let world = beginning; !until(world);) {
    const { entryCount } = world
    const next = SEATS.flatMap((seat) => {
      const student = students[seat]
      const what = nextEngineAction(world, seat)
      return student && !(what.kind === 'wait' && world.seats[seat].waitRequested) ? [{ seat, student, what }] : []
    })
    const [first] = next.sort((a, b) => Number(a.what.kind === 'wait') - Number(b.what.kind === 'wait'))
    const partner = SEATS.find((seat) => !students[seat])
    // The built-in partner acts by itself, before the student.
    if (first && !(partner && choosePartnerMove(world, partner, { style: 'exact', pace: 'at-once' })))
      await (isFamiliar(first) ? actBeside(await tabOf(first.student), round, world, first) : act(world, first, look)).catch(
        async (error: unknown) => {
          // A slow student counts as waiting, so a timer may go off meanwhile. Then the next action differs, or its place on the
          // page does.
          if ((await now()).world.entryCount === entryCount) throw error
        },
      )
    let latest = await now()
    await expect
      .poll(async () => {
        latest = await now()
        return latest.round !== round || latest.world.entryCount > entryCount
      }, PATIENCE)
      .toBe(true)
    // The act ended the round, and the next leg has begun.
    if (latest.round !== round) break
    world = latest.world
  }
  for (const { socket } of tabs.values()) socket.disconnect()
}

const participantOf = ({ page }: Student): string => new URL(page.url()).pathname.split('/').at(-1) ?? ''

interface Turn {
  readonly seat: Seat
  readonly student: Student
  readonly what: EngineAction
}

/** The fields that an action is entered in, whatever their contents. */
function entryOf(what: EngineAction): string {
  switch (what.kind) {
    case 'send':
      return `send ${what.segment.bits} ${what.segment.length > 0}`
    case 'write':
      return `write ${what.message.kind === 'tls' ? what.message.choice.say : what.message.kind}`
    case 'call':
      return `call ${what.call.call}`
    default:
      return what.kind
  }
}

/** What has been entered on a page, in which file and by whom. */
const entered = new Set<string>()

function isFamiliar({ student, what }: Turn): boolean {
  // A question has another name for its student than here.
  if (what.kind === 'answer') return false
  const entry = `${expect.getState().testPath} ${student.name} ${entryOf(what)}`
  const isNew = !entered.has(entry)
  entered.add(entry)
  return !isNew && !FULL
}

/** Acts without the page's forms. */
async function actBeside(tab: Connection, round: string, world: World, { seat, what }: Turn): Promise<void> {
  await tab.ask('act', { round, id: newId(), seen: world.seats[seat].viewCount, action: toSeatAction(world, seat, what) })
}

async function act(world: World, { seat, student, what }: Turn, look: Look | undefined): Promise<void> {
  const { page } = student
  if (what.kind === 'answer') await asks(world, what.question, student)
  else await shows(world, seat, student)
  await look?.(world, seat, what)
  const press = async (...keys: string[]) => {
    await page.keyboard.press('Escape')
    for (const key of keys) await page.keyboard.press(key)
  }
  switch (what.kind) {
    case 'send': {
      const action = toSeatAction(world, seat, what)
      if (action.kind !== 'send') return
      const { bits, seq, ack, length } = action.segment
      const keys = CONTROL_BITS.flatMap(([name, bit]) => (hasBit(bits, bit) ? [name[0] as 'S' | 'A' | 'F' | 'R'] : []))
      const numbers = { seq, ...(ack ? { ack } : {}), ...(length > 0 ? { octets: length } : {}) }
      return student.send({ bits: keys, ...numbers, state: what.state })
    }
    case 'call':
      return void (await student.call())
    case 'claim':
      await pick(what.event, student)
      return student.declare(what.state)
    case 'discard':
      await pick(what.event, student)
      return press('d')
    case 'answer': {
      const question = world.script.scenes[world.sceneIndex]!.questions[seat].find(({ id }) => id === what.question)!
      return press(`${question.order.indexOf(what.choice) + 1}`, 'Enter')
    }
    case 'wait':
      return student.wait()
    case 'write': {
      const { message } = what
      return message.kind === 'http' ? student.asks(message.text) : student.utters(inFull(world, seat, message.choice))
    }
  }
}

/** Waits until the page shows this world's state and open events for the seat. */
async function shows({ seats }: World, seat: Seat, { page }: Student): Promise<void> {
  const { claimedState, openEvents } = seats[seat]
  const look = async () => {
    const several = await page.locator('.arrived input[name=event]').count()
    const one = await page.locator('fieldset.arrived').count()
    return { state: await page.locator('.strip .state .segment').textContent(), events: several || one }
  }
  await expect.poll(look, PATIENCE).toEqual({ state: claimedState, events: openEvents.length })
}

/** Waits until the page asks this question. Questions may be all that is left to do. */
async function asks({ script, sceneIndex }: World, question: string, { page }: Student): Promise<void> {
  const exercise = exercises.get(script.exercise)!
  const scene = script.scenes[sceneIndex]!.id
  const [asked] = SEATS.flatMap((seat) => findQuestion(exercise, scene, seat, question) ?? [])
  const lang = (await page.locator('html').getAttribute('lang'))?.startsWith('zh') ? 'zh' : 'en'
  await page.locator('.question legend', { hasText: asked!.ask[lang] }).waitFor()
}

/** Selects the event that a claim or discard is about, if the page offers several. */
async function pick(event: number, { page }: Student): Promise<void> {
  const choice = page.locator(`.arrived input[value="${event}"]`)
  if ((await choice.count()) === 0) return
  await choice.focus()
  await page.keyboard.press('Space')
}
