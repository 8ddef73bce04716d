// Where a walk takes place: the demo's addresses, a browser, and who sits where.

import path from 'node:path'
import { chromium } from 'playwright-core'
import { Desk } from './desk.mjs'
import { Eyes, must } from './eyes.mjs'

export const SMALL = { width: 390, height: 844 }
export const LARGE = { width: 1440, height: 900 }

/** Run one walk: `walk(scene)`. What the eyes found wrong on the way fails it at the end. */
export async function play(name, walk) {
  const { base, sandbox, password, chromium: executablePath, shots } = JSON.parse(process.env.E2E)
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })
  const eyes = new Eyes(path.join(shots, name))
  const scene = new Scene(browser, { base, sandbox, password }, eyes)
  try {
    await walk(scene)
  } catch (wrong) {
    await scene.keepAll()
    throw wrong
  } finally {
    await browser.close()
  }
  const faults = [...scene.complaints, ...eyes.faults]
  must(faults.length === 0, faults.join('\n'))
}

class Scene {
  constructor(browser, where, eyes) {
    this.browser = browser
    Object.assign(this, where)
    this.eyes = eyes
    this.complaints = []
    this.pages = []
  }

  /** A page of its own, that nobody else's cookies reach. */
  async page(name, viewport, options = {}) {
    const context = await this.browser.newContext({ viewport, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...options })
    const page = await context.newPage()
    page.on('pageerror', (error) => this.complaints.push(`${name}: ${error.message}`))
    this.pages.push([name, page])
    return page
  }

  /** Somebody who is logged in at the desk. */
  async desk(username, viewport = LARGE) {
    const desk = new Desk(await this.page(username, viewport), this.base, this.eyes)
    await desk.login(username, this.password, () => this.code(username))
    return desk
  }

  /** The code in the sandbox's authenticator. */
  async code(username) {
    const codes = await (await fetch(`${this.sandbox}/_sandbox/authenticator`)).json()
    return codes.find((one) => one.label.startsWith(`${username} `)).code
  }

  async keepAll() {
    for (const [name, page] of this.pages) {
      await this.eyes.keep(`broken-${name}`, page).catch(() => undefined)
    }
  }

  say(words) {
    process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${words}\n`)
  }
}
