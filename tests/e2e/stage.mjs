/** Phones and desks in a real browser, spoken to as a person would: by the words on the buttons. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { settled } from './settled.mjs'

export const APP = process.env.APP ?? 'http://127.0.0.1:8000'
export const SANDBOX = process.env.SANDBOX ?? 'http://127.0.0.1:8001'
const PASSWORD = process.env.STAFF_PASSWORD ?? ''
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--force-color-profile=srgb']
export const SHOTS = fileURLToPath(new URL('./shots', import.meta.url))
const PATIENCE = 15_000
// Where the sessions of desks are kept for the stories after this one.
const SEATS = process.env.SEATS

const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))

export class Stage {
  static async open(flags = []) {
    const stage = new Stage()
    stage.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? chromiumPath, args: [...FLAGS, ...flags] })
    stage.complaints = []
    stage.pages = []
    stage.desks = new Map()
    stage.refusals = []
    mkdirSync(SHOTS, { recursive: true })
    return stage
  }

  /** A page whose errors count: a console error or an uncaught one fails the test that looks at `complaints`. */
  async page(options = {}) {
    const context = await this.browser.newContext({ locale: 'zh-CN', viewport: { width: 1440, height: 1000 }, ...options })
    const page = await context.newPage()
    this.pages.push(page)
    page.setDefaultTimeout(PATIENCE)
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => {
      // A refusal that the page shows is also noted by the browser; that is not a fault.
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) this.complaints.push(message.text())
    })
    page.on('response', (response) => {
      if (response.status() >= 500) this.complaints.push(`${response.status()} ${response.url()}`)
      else if (response.status() >= 400) response.text().then((text) => this.refusals.push(`${response.status()} ${response.request().method()} ${response.url()} ${text.slice(0, 300)}`), () => undefined)
    })
    return page
  }

  async phone(key, path = 'pages/home') {
    const page = await this.page()
    await page.goto(`${SANDBOX}/?phone=${key}&path=${encodeURIComponent(path)}`)
    return new Phone(page, key)
  }

  /** Whoever has sat down stays for the day, in later stories too: a code of the authenticator is good only once. */
  async desk(username) {
    const known = this.desks.get(username)
    if (known) return known
    const seat = SEATS && `${SEATS}/${username}.json`
    const desk = new Desk(await this.page(existsSync(seat ?? '') ? { storageState: seat } : {}))
    this.desks.set(username, desk)
    await desk.go('')
    if (desk.page.url().includes('login')) {
      await desk.login(username)
      if (seat) await desk.page.context().storageState({ path: seat })
    }
    return desk
  }

  /** A desk of somebody who has no mouse: logged in by keys, and every click of a pointer is counted. */
  async byKeys(username) {
    const page = await this.page()
    await page.addInitScript(() => {
      const known = Number(globalThis.sessionStorage.getItem('pointed') ?? 0)
      globalThis.pointed = known
      document.addEventListener('pointerdown', () => globalThis.sessionStorage.setItem('pointed', String(++globalThis.pointed)), true)
    })
    await page.goto(`${APP}/console/login`)
    await page.locator('[name=username]:focus').waitFor()
    await page.keyboard.type(username)
    await page.keyboard.press('Tab')
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await page.locator('[name=code]:focus').waitFor()
    for (let last; ;) {
      last = await code(username, last)
      await page.locator('[name=code]').fill(last)
      await page.keyboard.press('Enter')
      if (await letIn(page)) break
    }
    await settled(page)
    return page
  }

  /** Keeps what a page shows for somebody to look at, where that is asked for: drawing it whole takes longer than reading it. */
  async picture(page, name) {
    if (process.env.PICTURES) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true })
  }

  /** Waits until a page of the desk has all it asks for by itself. */
  async drawn(page) {
    await page.waitForLoadState('load')
    await page.waitForFunction(() => !document.querySelector('.htmx-request'))
  }

  /** Tells a story; when it breaks off, what every screen showed is kept in `shots/`. */
  async tell(name, story) {
    try {
      await story()
      assert.deepEqual(this.complaints.splice(0), [], 'what the browser complained of')
    } catch (error) {
      for (const [n, page] of this.pages.entries()) await page.screenshot({ path: `${SHOTS}/${name}-${n}.png` }).catch(() => undefined)
      console.log('refused on the way:\n' + this.refusals.join('\n'))
      throw error
    } finally {
      this.refusals.length = 0
      const staying = new Set([...this.desks.values()].map((desk) => desk.page))
      for (const page of this.pages) if (!staying.has(page)) await page.context().close()
      this.pages = [...staying]
    }
  }

  async end() {
    await this.browser.close()
  }
}

/** One sandbox phone with the product open in it. */
export class Phone {
  constructor(page, key) {
    this.page = page
    this.root = page.locator(`#phone-${key}`)
    this.app = page.frameLocator(`#phone-${key} iframe`)
  }

  button(name) {
    const exact = typeof name === 'string'
    return this.app.getByRole('button', { name, exact }).or(this.app.getByRole('link', { name, exact })).first()
  }

  async tap(name) {
    await this.button(name).click()
  }

  async choose(name) {
    await this.app.getByRole('radio', { name }).first().click()
  }

  async tick(name) {
    await this.app.getByRole('checkbox', { name }).first().click()
  }

  async tab(name) {
    await this.app.getByRole('tab', { name }).first().click()
  }

  async fill(label, value) {
    await this.app.getByLabel(label).first().fill(value)
  }

  async sees(text) {
    await this.app.getByText(text).first().waitFor()
  }

  async lacks(text) {
    await this.app.getByText(text).first().waitFor({ state: 'hidden' })
  }

  async read(selector) {
    return (await this.app.locator(selector).first().innerText()).trim()
  }

  /** What WeChat's own popups around the product are answered with. */
  async outside(words) {
    await this.root.getByRole('button', { name: words }).first().click()
  }

  async openMessage(words) {
    await this.root.locator('.switcher button').first().click()
    const chat = this.root.locator('.chat', { hasText: '服务通知' })
    await chat.or(this.root.locator('.notice-list')).locator('visible=true').first().waitFor()
    if (await chat.isVisible()) await chat.click()
    await this.root.locator('.card-body', { hasText: words }).last().click()
  }

  /** Scans the code that another phone holds up. */
  async scanShown(words) {
    await this.tap('扫一扫')
    const shown = this.root.locator('.scan-code', { hasText: words }).first()
    await shown.waitFor()
    // The list is drawn anew whenever some phone shows or hides a code.
    await shown.dispatchEvent('click')
  }
}

/** A clerk at a desk of the console. */
export class Desk {
  constructor(page) {
    this.page = page
    // "Are you sure?" before what cannot be taken back.
    page.on('dialog', (asked) => asked.accept())
  }

  async login(username) {
    await this.page.goto(`${APP}/console/login`)
    await this.page.fill('[name=username]', username)
    await this.page.fill('[name=password]', PASSWORD)
    await this.page.click('button.primary')
    for (let last; ;) {
      last = await code(username, last)
      await this.page.fill('[name=code]', last)
      await this.page.click('button.primary')
      if (await letIn(this.page)) return
    }
  }

  /** Calls from one window after the other, until the wanted person is the one who is called. */
  async call(person) {
    await this.go('/queue')
    const windows = await this.page.locator('[name=window] option').evaluateAll((options) => options.map((one) => one.value))
    for (const window of windows) {
      await this.go(`/queue?window=${window}`)
      await this.press(/叫下一位/)
      await settled(this.page)
      if (await this.page.locator('.card.big', { hasText: person }).isVisible()) return
    }
    throw new Error(`nobody called ${person}`)
  }

  async go(path) {
    await this.page.goto(`${APP}/console${path}`)
  }

  row(words) {
    return this.page.locator('tr, form.row', { hasText: words }).first()
  }

  async press(name) {
    await this.page.getByRole('button', { name }).first().click()
  }
}

/** What the authenticator shows, but not `used`: it is good once. One about to change may be old by the time it is typed. */
async function code(username, used) {
  const shown = await (await fetch(`${SANDBOX}/_sandbox/authenticator`)).json()
  const mine = shown.find((one) => one.label.startsWith(`${username} `) || one.label === username)
  if (mine.seconds_left > 3 && mine.code !== used) return mine.code
  await new Promise((resolve) => setTimeout(resolve, (mine.seconds_left + 0.3) * 1000))
  return code(username, used)
}

/** Whether the code was taken. If not, a story before this one has used it: the next is on its way. */
async function letIn(page) {
  const inside = page.waitForURL((url) => !url.pathname.includes('login')).then(() => true)
  const refused = page.locator('#alert [role=alert]').waitFor().then(() => false)
  if (await Promise.any([inside, refused])) return true
  await page.locator('#alert').evaluate((alert) => alert.replaceChildren())
  return false
}
