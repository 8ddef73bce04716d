// Somebody behind a desk.

import jsqr from 'jsqr'
import { PNG } from 'pngjs'

const PATIENCE = 15_000

export class Desk {
  constructor(page, base, eyes) {
    this.page = page
    this.base = base
    this.eyes = eyes
    // "Are you sure?" before what cannot be taken back.
    page.on('dialog', (asked) => asked.accept())
  }

  async login(username, password, code) {
    await this.page.goto(`${this.base}/console`)
    await this.page.getByLabel('用户名').fill(username)
    await this.page.getByLabel('密码').fill(password)
    await this.see(`login-${username}`)
    await this.page.getByRole('button', { name: '下一步' }).click()
    await this.page.getByLabel('动态验证码').fill(await code())
    await this.page.getByRole('button', { name: '登录' }).click()
    await this.page.getByRole('link', { name: '只跑一次' }).waitFor({ timeout: PATIENCE })
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

  /** The page that replaced the last one has taken its place, and the focus. */
  async settled() {
    await this.page.waitForLoadState('networkidle')
    await this.page.waitForTimeout(100)
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
