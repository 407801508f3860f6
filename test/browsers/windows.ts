/**
 * Windows of Firefox and WebKit behind one small interface. Each has a library of its own: Firefox is driven through WebDriver
 * BiDi by Puppeteer, WebKitGTK's MiniBrowser through WebDriver by Selenium.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import puppeteer from 'puppeteer-core'
import { Builder, Capabilities, Key } from 'selenium-webdriver'
import { vi } from 'vitest'
import { firefox, miniBrowser, webKitDriver, xvfb } from '../../scripts/lib/programs.mjs'
import { freePort } from '../support/ports.ts'

/** What a window is used by. MiniBrowser has no touch screen, and takes a mouse for a finger. */
export type Hands = 'mouse' | 'touch'

export interface WindowOptions {
  readonly lang: 'en' | 'zh'
  /** CSS px. MiniBrowser's windows are never narrower than 450. */
  readonly width: number
  readonly height: number
  readonly hands: Hands
}

/** A window with cookies and storage of its own. */
export interface Window {
  open(url: string): Promise<void>
  /** Evaluates a JavaScript expression in the page. */
  evaluate<T>(expression: string): Promise<T>
  /** Types characters on the keyboard. */
  type(text: string): Promise<void>
  press(key: 'Enter' | 'Tab' | 'Escape'): Promise<void>
  /** Clicks or taps at this place, in CSS px from the window's corner. */
  point(x: number, y: number): Promise<void>
  /** A PNG. */
  screenshot(): Promise<Buffer>
}

/** A browser that tests open windows in. */
export interface Engine {
  open(options: WindowOptions): Promise<Window>
  close(): Promise<void>
}

const ACCEPT_LANGUAGE = { en: 'en-GB', zh: 'zh-CN' }

/** Starts Firefox without a screen. */
export async function startFirefox(): Promise<Engine> {
  const browsers = new Set<Awaited<ReturnType<typeof puppeteer.launch>>>()
  return {
    async open({ lang, width, height, hands }) {
      const browser = await puppeteer.launch({
        browser: 'firefox',
        executablePath: firefox ?? '',
        extraPrefsFirefox: { 'intl.accept_languages': ACCEPT_LANGUAGE[lang] },
      })
      browsers.add(browser)
      const page = await browser.newPage()
      await page.setViewport({ width, height })
      return {
        open: async (url) => void (await page.goto(url)),
        evaluate: async <T>(expression: string) => (await page.evaluate(expression)) as T,
        type: (text) => page.keyboard.type(text),
        press: (key) => page.keyboard.press(key),
        point: (x, y) => (hands === 'touch' ? page.touchscreen.tap(x, y) : page.mouse.click(x, y)),
        screenshot: async () => Buffer.from(await page.screenshot()),
      }
    },
    close: async () => void (await Promise.all([...browsers].map((browser) => browser.close()))),
  }
}

/** Starts WebKit on a screen that nobody sees. Its driver serves a single window, so each window has a driver. */
export async function startWebKit(): Promise<Engine> {
  const screen = spawn(xvfb ?? '', ['-displayfd', '3', '-screen', '0', '2000x1200x24'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const [display] = (await once(screen.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer]
  const closing: (() => Promise<unknown>)[] = []
  return {
    async open({ lang, width, height }) {
      const port = await freePort()
      const driver = spawn(webKitDriver ?? '', [`--port=${port}`], {
        env: {
          ...process.env,
          DISPLAY: `:${display.toString().trim()}`,
          LANGUAGE: lang === 'zh' ? 'zh_CN' : 'en_GB',
          // As root there is no sandbox.
          WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
        },
        stdio: 'ignore',
      })
      await vi.waitFor(() => fetch(`http://127.0.0.1:${port}/status`), { timeout: 10_000 })
      const capabilities = new Capabilities()
      capabilities.set('browserName', 'MiniBrowser')
      capabilities.set('webkitgtk:browserOptions', { binary: miniBrowser, args: ['--automation'] })
      const window = await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build()
      closing.push(async () => {
        await window.quit()
        driver.kill()
      })
      await window.manage().window().setRect({ x: 0, y: 0, width, height })
      return {
        open: (url) => window.get(url),
        evaluate: <T>(expression: string) => window.executeScript<T>(`return ${expression}`),
        type: (text) => window.actions().sendKeys(text).perform(),
        press: (key) => window.actions().sendKeys({ Enter: Key.ENTER, Tab: Key.TAB, Escape: Key.ESCAPE }[key]).perform(),
        point: (x, y) =>
          window
            .actions()
            .move({ x: Math.round(x), y: Math.round(y), duration: 0 })
            .click()
            .perform(),
        screenshot: async () => Buffer.from(await window.takeScreenshot(), 'base64'),
      }
    },
    async close() {
      await Promise.all(closing.map((close) => close()))
      screen.kill()
    },
  }
}
