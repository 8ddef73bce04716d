// A hand on a phone: the mini-program inside a sandbox phone, or the same pages in a plain browser.

const PATIENCE = 15_000

class Screen {
  /** `see` keeps a picture; it is given a name. */
  constructor(eyes) {
    this.eyes = eyes
    this.t = eyes.t
  }

  /** Tap what is called so; `role` is button, link, radio or checkbox. */
  async tap(name, role = 'button', { exact = false, nth = 0 } = {}) {
    await this.frame.getByRole(role, { name, exact }).nth(nth).click({ timeout: PATIENCE })
  }

  async write(label, text) {
    const field = this.frame.locator(`input[aria-label^="${label}"], textarea[aria-label^="${label}"]`).first()
    await field.fill(text, { timeout: PATIENCE })
    await field.blur()
  }

  /** Wait until words can be seen. */
  async sees(words) {
    await this.frame.getByText(words).filter({ visible: true }).first().waitFor({ timeout: PATIENCE })
  }

  async text() {
    return this.frame.evaluate(() => document.body.innerText)
  }

  async quiet() {
    await this.frame.locator('.skeleton, .button-busy, uni-toast').first().waitFor({ state: 'hidden', timeout: PATIENCE })
  }

  async upload(file, trigger, way) {
    const chooser = this.page.waitForEvent('filechooser', { timeout: PATIENCE })
    await trigger()
    await this.frame.locator('.uni-actionsheet__cell', { hasText: way }).click({ timeout: PATIENCE })
    await (await chooser).setFiles(file)
  }
}

/** The page in a browser of its own. */
export class Browser extends Screen {
  constructor(page, eyes) {
    super(eyes)
    this.page = page
    this.frame = page.mainFrame()
  }

  async see(name) {
    await this.quiet()
    await this.eyes.look(name, this.page, this.frame)
  }
}

/** A phone of the sandbox. */
export class SandboxPhone extends Screen {
  constructor(page, key, eyes) {
    super(eyes)
    this.page = page
    this.key = key
    this.root = page.locator(`#phone-${key}`)
  }

  /** Open the mini-program at its first page. */
  async start() {
    await this.root.locator('.switcher button').nth(2).click({ timeout: PATIENCE })
    await this.scanned()
  }

  async scanned() {
    const handle = await this.root.locator('iframe').elementHandle({ timeout: PATIENCE })
    this.frame = await handle.contentFrame()
  }

  async see(name) {
    await this.quiet()
    await this.eyes.look(name, this.root, this.frame)
  }

  /** Press the green button of WeChat's own sheet. */
  async allow() {
    await this.root.locator('.sheet .button.green').click({ timeout: PATIENCE })
  }

  /** Read the newest service notice of this title in WeChat, and open the page it leads to. */
  async openNotice(title) {
    await this.root.locator('.switcher button').nth(0).click()
    const back = this.root.locator('.notices .wechat-bar button').filter({ visible: true }).first()
    if (!(await back.isVisible())) await this.root.locator('.chat').nth(1).click()
    const card = this.root.locator('.notice .card-body', { hasText: title }).last()
    await card.waitFor({ timeout: PATIENCE })
    await this.eyes.look('wechat-notice', this.root)
    await card.click()
    await this.scanned()
  }

  /** Scan, from inside the mini-program: a code that hangs somewhere, or one whose text was read off a screen. */
  async scans({ label, text }) {
    if (label) return this.root.locator('.scan-code', { hasText: label }).first().click({ timeout: PATIENCE })
    await this.root.locator('.scan-paste textarea').fill(text, { timeout: PATIENCE })
    return this.root.locator('.scan-paste button').click()
  }

  /** Scan with WeChat's own scanner: a text, or a code that stands somewhere by its label. */
  async scansInWeChat(what) {
    await this.root.locator('.switcher button').nth(0).click()
    const back = this.root.locator('.notices .wechat-bar button').filter({ visible: true }).first()
    if (await back.isVisible()) await back.click()
    await this.root.locator('.wechat-bar button').filter({ visible: true }).last().click()
    await this.scans(typeof what === 'string' ? { text: what } : what)
    await this.scanned()
  }
}
