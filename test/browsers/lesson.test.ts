/**
 * A short lesson of a teacher and two students in each of the other engines that students have: Firefox and WebKit. What a page
 * does is proven in Chromium (test/browser); this shows that it does so here as well.
 *
 * If SCREENSHOTS names a folder, pictures are saved there.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import type { SessionInfo } from '../../contract/answers.ts'
import type { NewSession } from '../../contract/requests.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'
import type { State } from '../../protocol/tcp/states.ts'
import { chromium, firefox, webKit } from '../../scripts/lib/programs.mjs'
import { connectDatabase } from '../../server/database/open.ts'
import { linkOfNewTeacher } from '../support/server-fixture.ts'
import { sayIn, type Say } from '../support/words.ts'
import { startFirefox, startWebKit, type Engine, type Hands, type Window } from './windows.ts'

const ENGINES = [
  { name: 'Firefox', start: startFirefox, present: firefox, lang: 'zh' },
  { name: 'WebKit', start: startWebKit, present: webKit, lang: 'en' },
] as const

/** The server that the tests share is started only where there is a Chromium. */
for (const { name, start, present, lang } of ENGINES)
  describe.skipIf(!present || !chromium)(name, () => {
    test('a lesson: from the link to the end of a round, by keyboard and by finger', async () => {
      const engine = await start()
      onTestFinished(() => engine.close())
      const { prisma, close } = connectDatabase(inject('server').database)
      onTestFinished(close)
      await lesson({ name, engine, lang, link: await linkOfNewTeacher(prisma) })
    })
  })

interface Lesson {
  readonly name: string
  readonly engine: Engine
  readonly lang: 'en' | 'zh'
  readonly link: string
}

async function lesson({ name, engine, lang, link }: Lesson): Promise<void> {
  const origin = `http://127.0.0.1:${inject('server').port}`
  const come = async (who: string, width: number, hands: Hands) =>
    new Person(`${name}-${who}`, await engine.open({ lang, width, height: 900, hands }), sayIn(lang), origin)
  const [teacher, one, other] = await Promise.all([
    come('teacher', 1440, 'mouse'),
    come('one', 1280, 'mouse'),
    come('other', 450, 'touch'),
  ])

  await teacher.open(`/teach#link=${link}`)
  await teacher.sees('button', 'teach_new_create')
  const session = await teacher.createSession({ title: name, level: 'guided', playlist: ['handshake'], swap: false })
  await teacher.open(`/teach/${session.id}`)
  await Promise.all([one.join(session.code, 'Falcon'), other.join(session.code, 'Heron')])
  for (const student of ['Falcon', 'Heron']) await teacher.find('button', student)
  await teacher.click('button', teacher.say('teach_control_pair'))
  await teacher.keep('paired')
  for (const student of [one, other]) await student.sees('body', 'waiting_for_start')
  await teacher.click('button', teacher.say('teach_control_start'))
  for (const student of [one, other]) await student.find('.panel')

  const players = { [await one.seat()]: one, [await other.seat()]: other } as { readonly [S in Seat]: Person }
  expect(Object.keys(players)).toHaveLength(SEATS.length)
  const { client, server } = players
  await server.click('.application button')
  await client.click('.application button:not([aria-disabled=true])')
  await client.write({ bits: ['SYN'], seq: 'x', state: 'SYN-SENT' })
  await client.keep('composed')
  await client.click('.send')
  await server.find('.arrived', 'SYN')
  await server.write({ bits: ['SYN', 'ACK'], seq: 'y', ack: 'x', state: 'SYN-RECEIVED' })
  await server.click('.send')
  await server.find('#ack[aria-invalid=true]')
  await server.keep('refused')
  await server.fill('#ack', 'x+1')
  await server.click('.send')
  await client.find('.arrived', 'SYN,ACK')
  await client.type({ bits: 'a', seq: 'x+1', ack: 'y+1', state: 'ESTABLISHED' })
  await server.find('.arrived', 'ACK')
  await server.click('#state label', 'ESTABLISHED')
  await server.click('button', server.say('act_claim'))
  for (const student of [client, server]) await student.find('.question')
  await client.keep('question')
  await teacher.find('tbody a', 'Falcon')
  await teacher.keep('board')
  for (const person of [teacher, one, other]) await person.fits()
}

interface Written {
  readonly bits: readonly string[]
  readonly seq: string
  readonly ack?: string
  readonly state: State
}

/** Somebody at a window, who clicks where things are, and types. */
class Person {
  readonly say: Say
  readonly #name: string
  readonly #window: Window
  readonly #origin: string

  constructor(name: string, window: Window, say: Say, origin: string) {
    this.#name = name
    this.#window = window
    this.say = say
    this.#origin = origin
  }

  open(path: string): Promise<void> {
    return this.#window.open(this.#origin + path)
  }

  /**
   * Waits until there is such an element with this text that stands still and that nothing covers, and returns its centre. Of
   * several, the first counts.
   */
  async find(selector: string, text = ''): Promise<{ readonly x: number; readonly y: number }> {
    const look = `(() => {
      const found = [...document.querySelectorAll(${JSON.stringify(selector)})]
        .find((each) => each.textContent.includes(${JSON.stringify(text)}) && each.getClientRects().length > 0)
      if (!found) return 'none'
      found.scrollIntoView({ block: 'nearest' })
      const { x, y, width, height } = found.getBoundingClientRect()
      const at = { x: x + width / 2, y: y + height / 2 }
      const top = document.elementFromPoint(at.x, at.y)
      return top && (found.contains(top) || top.contains(found)) ? JSON.stringify(at) : 'covered'
    })()`
    let [before, now] = ['', '']
    await expect
      .poll(
        async () => {
          ;[before, now] = [now, await this.#window.evaluate<string>(look)]
          return now === before && now.startsWith('{')
        },
        { timeout: PATIENCE_MS, message: `${this.#name}: ${selector} ${text}` },
      )
      .toBe(true)
    return JSON.parse(now) as { x: number; y: number }
  }

  async sees(selector: string, message: Parameters<Say>[0]): Promise<void> {
    await this.find(selector, this.say(message))
  }

  async click(selector: string, text = ''): Promise<void> {
    const { x, y } = await this.find(selector, text)
    await this.#window.point(x, y)
  }

  async fill(selector: string, text: string): Promise<void> {
    await this.click(selector)
    await this.#window.evaluate('document.activeElement.select()')
    await this.#window.type(text)
  }

  /** Enters a segment by clicking on keys and boxes. */
  async write({ bits, seq, ack, state }: Written): Promise<void> {
    for (const bit of bits) await this.click('#flags button', bit)
    await this.fill('#seq', seq)
    if (ack) await this.fill('#ack', ack)
    await this.click('#state label', state)
    await this.find('#state .chosen', state)
  }

  /** Enters and sends a segment by the keyboard alone. `bits`: their letters. */
  async type({ bits, seq, ack, state }: { bits: string; seq: string; ack: string; state: State }): Promise<void> {
    await this.#window.press('Escape')
    await this.#window.type(`${bits}q`)
    await this.#window.type(seq)
    await this.#window.press('Tab')
    await this.#window.type(ack)
    await this.#window.press('Escape')
    await this.#window.type(`t${state}`)
    await this.#window.press('Enter')
  }

  async join(code: string, name: string): Promise<void> {
    await this.open('/')
    await this.sees('label', 'join_code')
    await this.#window.type(code)
    await this.#window.press('Enter')
    await this.sees('label', 'join_name')
    await this.#window.type(name)
    await this.#window.press('Enter')
    await this.sees('body', 'waiting_for_partner')
  }

  /** Creates a session with this window's cookie. */
  async createSession(wanted: NewSession): Promise<SessionInfo> {
    await this.#window.evaluate(`(window.created = null, fetch('/api/sessions', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify(wanted))},
    }).then((answer) => answer.json()).then((session) => (window.created = session)), null)`)
    let session: SessionInfo | null = null
    await expect.poll(async () => (session = await this.#window.evaluate('window.created'))).not.toBeNull()
    return session!
  }

  async seat(): Promise<Seat> {
    return (await this.#window.evaluate('document.querySelector(".strip h2 b").textContent')) === this.say('client')
      ? 'client'
      : 'server'
  }

  /** Expects that nothing sticks out of the window. */
  async fits(): Promise<void> {
    expect(await this.#window.evaluate('document.documentElement.scrollWidth - innerWidth'), this.#name).toBeLessThanOrEqual(0)
  }

  async keep(state: string): Promise<void> {
    const folder = process.env['SCREENSHOTS']
    if (folder) await writeFile(join(folder, `${this.#name}-${state}.png`), await this.#window.screenshot())
  }
}

/** Real ms to wait for a page to show something. Generous, because the machine may be busy. */
const PATIENCE_MS = 20_000
