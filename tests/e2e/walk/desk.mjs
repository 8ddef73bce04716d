// Somebody behind a desk.

import jsqr from 'jsqr'
import { PNG } from 'pngjs'
import { settled } from '../settled.mjs'

const PATIENCE = 15_000

export class Desk {
  constructor(page, base, eyes) {
    this.page = page
    this.base = base
    this.eyes = eyes
    this.t = eyes.t
    // "Are you sure?" before what cannot be taken back.
    page.on('dialog', (asked) => asked.accept())
  }

  async isIn() {
    await this.page.goto(`${this.base}/console`)
    return !this.page.url().includes('login')
  }

  async login(username, password, code) {
    await this.page.getByLabel(this.t('console.login.username')).fill(username)
    await this.page.getByLabel(this.t('console.login.password')).fill(password)
    await this.see(`login-${username}`)
    await this.page.getByRole('button', { name: this.t('console.login.go') }).click()
    const inside = this.page.getByRole('link', { name: this.t('console.name') })
    for (let last; ;) {
      last = await code(last)
      await this.page.getByLabel(this.t('console.login.code')).fill(last)
      await this.page.getByRole('button', { name: this.t('console.login.verify') }).click()
      const refused = this.page.locator('#alert [role=alert]')
      await inside.or(refused).first().waitFor({ timeout: PATIENCE })
      if (await inside.isVisible()) return
      // A walk before this one has used it: the next is on its way.
      await this.page.locator('#alert').evaluate((alert) => alert.replaceChildren())
    }
  }

  async tab(name) {
    const tab = this.page.getByRole('navigation').getByRole('link', { name, exact: true })
    if (!await tab.isVisible()) {
      const area = await this.page.locator('.tabs', { has: this.page.getByText(name, { exact: true }) }).getAttribute('data-area')
      await this.page.locator(`.areas [data-area=${area}]`).click()
      await tab.waitFor({ timeout: PATIENCE })
    }
    await tab.click()
    await this.page.locator('nav a[aria-current="page"]', { hasText: name }).waitFor({ timeout: PATIENCE })
    await this.settled()
  }

  async settled() {
    await settled(this.page)
  }

  async press(name, within = this.page) {
    await within.getByRole('button', { name }).first().click({ timeout: PATIENCE })
  }

  async sees(words) {
    await this.page.getByText(words).filter({ visible: true }).first().waitFor({ timeout: PATIENCE })
  }

  row(words) {
    return this.page.locator('tr, form.row', { hasText: words })
  }

  async see(name) {
    await this.settled()
    await this.eyes.look(`desk-${name}`, this.page, this.page.mainFrame())
  }

  /** Finish and call by keys until this number stands at the window. */
  async serveUntil(number) {
    for (let turns = 0; turns < 5; turns += 1) {
      const here = (await this.page.locator('.card.big .number').innerText()).trim()
      if (here === number) return
      await this.page.keyboard.press(/^[AB]\d/.test(here) ? 'f' : 'n')
      await this.page.locator('.card.big .number').getByText(here, { exact: true }).waitFor({ state: 'detached' })
      await this.settled()
    }
    throw new Error(`${number} was never called`)
  }

  /** Read the QR on the screen, as a camera would. */
  async code() {
    const picture = this.page.locator('figure.code img').filter({ visible: true }).first()
    await picture.waitFor({ timeout: PATIENCE })
    const { data, width, height } = PNG.sync.read(await picture.screenshot())
    const found = jsqr(new Uint8ClampedArray(data), width, height)
    if (!found) throw new Error('the QR on the desk cannot be read')
    return found.data
  }
}
