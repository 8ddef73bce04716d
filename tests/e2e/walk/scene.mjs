// Where a walk takes place: the demo's addresses, a browser, and who sits where.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { Desk } from './desk.mjs'
import { Eyes, must } from './eyes.mjs'

export const SMALL = { width: 390, height: 844 }
export const LARGE = { width: 1440, height: 900 }

/** Run one walk, `walk(scene)`, in a language and with flags for the browser. What the eyes found wrong on the way fails it at the end. */
export async function play(name, walk, locale = 'zh-CN', flags = []) {
  const { base, sandbox, password, chromium: executablePath, shots, seats } = JSON.parse(process.env.E2E)
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', ...flags] })
  const eyes = new Eyes(path.join(shots, name), locale)
  const scene = new Scene(browser, { base, sandbox, password, seats }, eyes)
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
    const context = await this.browser.newContext({ viewport, locale: this.eyes.locale, timezoneId: 'Asia/Shanghai', ...options })
    const page = await context.newPage()
    page.on('pageerror', (error) => this.complaints.push(`${name}: ${error.message}`))
    this.pages.push([name, page])
    return page
  }

  /** Somebody who is logged in at the desk, and stays so for the walks after this one in the same language. */
  async desk(username, viewport = LARGE) {
    const seat = path.join(this.seats, `${username}-${this.eyes.locale}.json`)
    const desk = new Desk(await this.page(username, viewport, existsSync(seat) ? { storageState: seat } : {}), this.base, this.eyes)
    if (!await desk.isIn()) {
      await desk.login(username, this.password, (used) => this.code(username, used))
      await desk.page.context().storageState({ path: seat })
    }
    return desk
  }

  /** The code in the sandbox's authenticator, but not `used`: it is good once. */
  async code(username, used) {
    const codes = await (await fetch(`${this.sandbox}/_sandbox/authenticator`)).json()
    const mine = codes.find((one) => one.label.startsWith(`${username} `))
    if (mine.code !== used) return mine.code
    await new Promise((done) => setTimeout(done, (mine.seconds_left + 0.3) * 1000))
    return this.code(username, used)
  }

  /** Say something to the sandbox about the world around us. */
  async tell(about, body) {
    const answer = await fetch(`${this.sandbox}/_sandbox/${about}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    must(answer.ok, `the sandbox refuses ${about}: ${answer.status}`)
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
