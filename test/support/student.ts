/** A student on a round's page. All actions are performed as a student would perform them, by keyboard alone or by touch. */
import type { Seat } from '../../protocol/seat.ts'
import type { Locator, Page } from 'playwright-core'
import type { State } from '../../protocol/tcp/states.ts'
import type { MessageChoice } from '../../protocol/tls/endpoint/endpoint.ts'
import { until } from './browser.ts'
import { closing } from './exercises.ts'
import { fieldsOf } from './messages.ts'
import type { Say } from './words.ts'

/** The control bits in the order of the form, by their keys. */
const BITS = { S: 'SYN', A: 'ACK', F: 'FIN', R: 'RST' } as const
type Bit = keyof typeof BITS

/** A segment as a student enters it. */
export interface Written {
  readonly bits: readonly Bit[]
  readonly seq: string
  readonly ack?: string
  readonly octets?: number
  /** The state after the segment. */
  readonly state: State
}

/** The ways of operating a page. */
interface Hands {
  call(): Promise<void>
  write(segment: Written): Promise<void>
  send(): Promise<void>
  claim(state: State): Promise<void>
  wait(): Promise<void>
  /** Selects one of a select's options. */
  pick(select: Locator, value: string): Promise<void>
  tick(box: Locator): Promise<void>
  /** Presses a button that has no keyboard shortcut. */
  push(button: Locator): Promise<void>
  hint(): Promise<void>
  /** Selects one of a question's choices. */
  choose(text: string): Promise<void>
  why(): Promise<void>
  rewrite(field: 'seq' | 'ack', number: string): Promise<void>
  /** Leaves a summary for the next round. */
  goOn(): Promise<void>
}

function keyboard(page: Page): Hands {
  const { keyboard } = page
  const type = async (text: string) => {
    await keyboard.press('ControlOrMeta+A')
    await keyboard.type(text)
  }
  const choose = async (state: State) => {
    await keyboard.press('t')
    await keyboard.type(state)
  }
  const press = (key: string) => async () => {
    await keyboard.press('Escape')
    await keyboard.press(key)
  }
  return {
    call: press('c'),
    wait: press('w'),
    send: () => keyboard.press('Enter'),
    async pick(select, value) {
      const options = await select.locator('option').all()
      const values = await Promise.all(options.map((option) => option.getAttribute('value')))
      await select.focus()
      await keyboard.press('Home')
      for (let i = 0; i < values.indexOf(value); i++) await keyboard.press('ArrowDown')
    },
    async tick(box) {
      if (await box.isChecked()) return
      await box.focus()
      await keyboard.press('Space')
    },
    async push(button) {
      await button.focus()
      await keyboard.press('Enter')
    },
    goOn: () => keyboard.press('Enter'),
    why: () => keyboard.press('?'),
    async rewrite(field, number) {
      await press({ seq: 'q', ack: 'k' }[field])()
      await type(number)
    },
    async write({ bits, seq, ack, octets, state }) {
      await keyboard.press('Escape')
      for (const bit of bits) await keyboard.press(bit.toLowerCase())
      await keyboard.press('q')
      await type(seq)
      await keyboard.press('Tab')
      if (ack !== undefined) {
        await type(ack)
        await keyboard.press('Tab')
      }
      if (octets !== undefined) await type(`${octets}`)
      await keyboard.press('Escape')
      await choose(state)
    },
    async claim(state) {
      await keyboard.press('Escape')
      await choose(state)
      await press('m')()
    },
    async hint() {
      await press('h')()
      await keyboard.press('Enter')
    },
    async choose(text) {
      const place = await choiceOf(page, text).locator('kbd').textContent()
      await press(`${place}`)()
      await keyboard.press('Enter')
    },
  }
}

const choiceOf = (page: Page, text: string) => page.locator('.question label', { hasText: text })

function thumbs(page: Page, say: Say): Hands {
  const tap = (name: string) => page.getByRole('button', { name, disabled: false }).tap()
  const choose = (state: State) => page.locator('#state').getByText(state, { exact: true }).tap()
  const fill = async (field: string, text: string) => {
    await page.locator(field).tap()
    await page.locator(field).fill(text)
  }
  return {
    call: () => page.locator('.application button').tap(),
    send: () => page.locator('.send').tap(),
    wait: () => tap(say('act_wait')),
    pick: async (select, value) => void (await select.selectOption(value)),
    async tick(box) {
      if (!(await box.isChecked())) await box.tap()
    },
    push: (button) => button.tap(),
    hint: () => page.locator('#hint').tap(),
    why: () => tap(say('why')),
    async choose(text) {
      await choiceOf(page, text).tap()
      await tap(say('question_answer'))
    },
    rewrite: (field, number) => fill(`#${field}`, number),
    goOn: () => tap(say('join_go_on')),
    async write({ bits, seq, ack, octets, state }) {
      for (const bit of bits) await page.locator(`.bit[aria-label=${BITS[bit]}]`).tap()
      await fill('#seq', seq)
      if (ack !== undefined) await fill('#ack', ack)
      if (octets !== undefined) await fill('#length', `${octets}`)
      await choose(state)
    },
    async claim(state) {
      await choose(state)
      await tap(say('act_claim'))
    },
  }
}

export class Student {
  readonly name: string
  readonly page: Page
  readonly say: Say
  readonly #hands: Hands

  constructor(name: string, page: Page, say: Say, hands: 'keyboard' | 'thumbs' = 'keyboard') {
    this.name = name
    this.page = page
    this.say = say
    this.#hands = hands === 'keyboard' ? keyboard(page) : thumbs(page, say)
  }

  /** The student's seat in the displayed round. */
  async seat(): Promise<Seat> {
    return (await this.page.locator('.strip h2 b').textContent()) === this.say('client') ? 'client' : 'server'
  }

  /** Waits until the page shows an arrived segment with this text, such as `SYN,ACK`, that may still be answered. */
  async has(text: string): Promise<void> {
    await this.page.locator('.arrived', { hasText: text }).waitFor()
  }

  /** Waits until the page shows this as the student's own state. */
  async isIn(state: State): Promise<void> {
    await until(() => this.page.locator('.strip .state .segment').textContent(), state)
  }

  /** Makes the application's next call as soon as it is due. Returns the text of the button. */
  async call(): Promise<string> {
    const button = this.page.locator('.application button:not([aria-disabled=true])')
    const text = (await button.textContent()) ?? ''
    await this.#hands.call()
    await this.page.locator('.application button', { hasText: text }).waitFor({ state: 'detached' })
    return text
  }

  /** Writes a TLS message, given as a complete choice, and hands it to TCP. */
  async utters(choice: MessageChoice): Promise<void> {
    const { ticks, picks } = fieldsOf(choice)
    await this.#compose(choice.say)
    for (const label of ticks) await this.#hands.tick(this.#message.getByLabel(label, { exact: true }))
    for (const [id, value] of picks) await this.#hands.pick(this.page.locator(`#${id}`), value)
    await this.#handOver()
  }

  /** Writes an HTTP message, given as the lines in the form, and hands it to TCP. */
  async asks(text: string): Promise<void> {
    await this.#compose('http')
    await this.page.locator('textarea').fill(text)
    await this.#handOver()
  }

  get #message() {
    return this.page.locator('.compose')
  }

  /** Opens the form for a message. Does nothing if the applications have only HTTP. */
  async #compose(name: string): Promise<void> {
    if (await this.#message.isVisible()) await this.#hands.tick(this.#message.locator(`[name=tls-say][value=${name}]`))
  }

  async #handOver(): Promise<void> {
    await this.#hands.push(this.page.locator('button.write'))
    const chosen = this.page.locator('.compose [name=tls-say]:checked')
    const text = this.page.locator('textarea')
    const isEmpty = async () => (await text.count()) === 0 || (await text.first().inputValue()) === ''
    await until(async () => (await chosen.count()) === 0 && (await isEmpty()), true)
  }

  /** Fills in the empty form. */
  async write(segment: Written): Promise<void> {
    await this.#hands.write(segment)
    const { bits, seq, ack = '', octets = '', state } = segment
    await until(() => this.form(), { bits: bits.map((bit) => BITS[bit]), seq, ack, octets: `${octets}`, state })
  }

  /** Sends what is in the form. */
  press(): Promise<void> {
    return this.#hands.send()
  }

  /** Writes a segment, sends it, and waits until it has left the form. */
  async send(segment: Written): Promise<void> {
    await this.write(segment)
    await this.press()
    await this.hasSent()
  }

  /** Waits until the form has been cleared after sending. */
  async hasSent(): Promise<void> {
    await this.page.locator('#state:not(:has(:checked))').or(this.#summary).waitFor({ state: 'attached' })
  }

  /** Waits until what was sent has been refused because of this field. */
  async isRefused(field: '#seq' | '#ack' | '#length' | '#state'): Promise<void> {
    await this.page.locator(`${field}[aria-invalid=true]`).waitFor()
    await this.page.locator('.panel .refusal').waitFor()
  }

  /** Asks for an explanation of the refusal. */
  async explain(): Promise<void> {
    await this.#hands.why()
    await this.page.locator('.panel .refusal cite').waitFor()
  }

  /** Replaces the number in the field. */
  rewrite(field: 'seq' | 'ack', number: string): Promise<void> {
    return this.#hands.rewrite(field, number)
  }

  /** Claims a state without waiting for the result, which may be the next scene. */
  declare(state: State): Promise<void> {
    return this.#hands.claim(state)
  }

  /** Claims a state, and waits until the claim is accepted. */
  async claim(state: State): Promise<void> {
    await this.declare(state)
    await this.page.locator('.strip .state', { hasText: state }).or(this.#summary).waitFor()
  }

  wait(): Promise<void> {
    return this.#hands.wait()
  }

  hint(): Promise<void> {
    return this.#hands.hint()
  }

  /** Answers the exercise's closing question correctly. */
  async conclude(exercise: string): Promise<void> {
    const lang = (await this.page.locator('html').getAttribute('lang'))?.startsWith('zh') ? 'zh' : 'en'
    const asked = await this.page.locator('.question legend').textContent()
    const answer = [...closing(exercise, await this.seat()).values()].find(({ ask }) => asked?.includes(ask[lang]))
    if (!answer) throw new Error(`not a closing question of ${exercise}: ${asked}`)
    await this.#hands.choose(answer.text[lang])
    await choiceOf(this.page, answer.text[lang]).waitFor({ state: 'detached' })
  }

  get #summary() {
    return this.page.locator('.end')
  }

  /** Leaves the summary for the next round. */
  async goOn(): Promise<void> {
    await this.page.getByRole('button', { name: this.say('join_go_on') }).waitFor()
    await this.#hands.goOn()
    await this.page.locator('.panel').waitFor()
  }

  /** The state that is chosen in the form; empty if none is. */
  async #chosenState(): Promise<string> {
    const [chosen] = await this.page.locator('#state :checked').all()
    return chosen ? chosen.inputValue() : ''
  }

  /** The present contents of the form. */
  async form() {
    const { page } = this
    const [bits, seq, ack, octets, state] = await Promise.all([
      page.locator('#flags [aria-pressed=true]').allTextContents(),
      page.locator('#seq').inputValue(),
      page.locator('#ack').inputValue(),
      page.locator('#length').inputValue(),
      this.#chosenState(),
    ])
    return { bits: bits.map((bit) => bit.trim()), seq, ack, octets, state }
  }
}

export type Pair = { readonly [S in Seat]: Student }

/** The two students by their seats in the displayed round. */
export async function seated(one: Student, other: Student): Promise<Pair> {
  return (await one.seat()) === 'client' ? { client: one, server: other } : { client: other, server: one }
}
