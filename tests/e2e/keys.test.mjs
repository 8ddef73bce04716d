/** The desks by keyboard alone: receiving at the window, reviewing, writing a guide, opening a hall. What a key does leaves the focus where the next key is wanted. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { settled } from './settled.mjs'
import { Stage } from './stage.mjs'

const LI_MING = process.env.LI_MING
const MOST_TABS = 150
let stage

before(async () => { stage = await Stage.open() }, { timeout: 60_000 })
after(async () => stage?.end())

/** Ten fingers and no pointer. */
class Hands {
  constructor(page) {
    this.page = page
    page.on('dialog', (asked) => asked.accept())
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key)
  }

  /** To a screen of an area, the first if none is named, by the digits they have in this menu. */
  async goes(area, address, screen = '1') {
    const areas = await this.page.locator('.areas a').evaluateAll((all) => all.map((one) => one.dataset.area))
    await this.press('g', String(areas.indexOf(area) + 1), screen)
    await this.at(address)
  }

  async type(words) {
    await this.page.keyboard.type(words)
  }

  /** A day into the field one stands in, part by part; which part comes first is up to the browser's own language. */
  async types(day) {
    const [year, month, date] = day.split('-')
    const kept = () => this.page.evaluate(() => document.activeElement.value)
    await this.type(month + date + year)
    if ((await kept()) === day) return
    await this.press('ArrowLeft', 'ArrowLeft')
    await this.type(year)
    await this.press('ArrowRight')
    await this.type(month + date)
    assert.equal(await kept(), day)
  }

  /** Goes on by Tab until the focus is on what is wanted, as somebody without a mouse has to. */
  async reach(selector) {
    for (let steps = 0; steps < MOST_TABS; steps += 1) {
      if (await this.page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return
      await this.press('Tab')
    }
    throw new Error(`${selector} cannot be reached by Tab`)
  }

  async focusIsOn(selector) {
    await this.page.locator(`${selector}:focus`).waitFor()
  }

  async at(address) {
    await this.page.waitForURL(address)
    await settled(this.page)
  }

  async sees(words) {
    await this.page.getByText(words).filter({ visible: true }).first().waitFor()
  }

  /** From the field it is in: searches, leaves the field and opens the first of what was found. */
  async opens(words, link) {
    await this.focusIsOn('[name=q]')
    await this.type(words)
    await this.press('Enter')
    await this.at(/q=/)
    await this.press('Escape')
    await this.reach(link)
    await this.press('Enter')
  }

  /** Into a field that has something in it already. */
  async writes(field, words) {
    await this.reach(field)
    await this.press('Control+a')
    await this.type(words)
  }

  /** Looks at what taking a change back would do, and takes it back. */
  async takesBack(button, done) {
    await this.reach(button)
    await this.press('Enter')
    await this.page.locator('[data-key=y]').waitFor()
    await settled(this.page)
    await this.press('y')
    await this.at(done)
  }

  async usedNoMouse() {
    assert.equal(await this.page.evaluate(() => globalThis.pointed), 0, 'a mouse was used')
  }
}

test('the reception receives, checks and accepts by keys', { timeout: 90_000 }, () => stage.tell('keys-receive', async () => {
  const hands = new Hands(await stage.byKeys('clerk1'))
  await hands.goes('cases', /\/cases$/)
  await hands.press('n')
  await hands.at(/\/receive/)
  await hands.opens('老年优待证', 'ul.links a')
  await hands.at(/item=/)
  await hands.reach('[name=name]')
  await hands.type('李明')
  await hands.press('Tab')
  await hands.focusIsOn('[name=number]')
  // What is wrong is said where it is mended, and the focus waits there.
  await hands.type('341226199001010000')
  await hands.press('Enter')
  await hands.focusIsOn('[name=number][aria-invalid=true]')
  await hands.press('Control+a')
  await hands.type(LI_MING)
  await hands.press('Enter')
  await hands.at(/\/console\/cases\//)

  const papers = await hands.page.locator('form[action$="/checks"] .material > .check select').evaluateAll((all) => all.map((one) => one.name))
  assert.ok(papers.length > 0, 'nothing to check')
  for (const name of papers) {
    await hands.reach(`select[name="${name}"]`)
    await hands.press('Home', 'ArrowDown')
  }
  await hands.reach('form[action$="/checks"] > button')
  await hands.press('Enter')
  // Kept: the page that comes back has them chosen.
  await hands.page.locator('form[action$="/checks"] .material > .check option[value=received][selected]').nth(papers.length - 1).waitFor({ state: 'attached' })
  await hands.at(/\/console\/cases\//)
  await hands.reach('form[action$="/accept"] button')
  await hands.press('Enter')
  await hands.sees('受理通知书')
  await hands.usedNoMouse()
}))

test('a reviewer finds, claims, answers and decides by keys', { timeout: 90_000 }, () => stage.tell('keys-review', async () => {
  const hands = new Hands(await stage.byKeys('reviewer1'))
  await hands.goes('cases', /\/cases$/)
  await hands.press('/')
  await hands.opens('老年优待证', 'table.rows tbody a')
  await hands.at(/\/console\/cases\//)
  await hands.press('c')
  await hands.page.locator('form[action$="/release"]').waitFor()
  await hands.at(/\/console\/cases\//)
  await hands.reach('form[action$="/grant"] [name=opinion]')
  await hands.type('符合条件。')
  await hands.press('Tab')
  await hands.focusIsOn('form[action$="/grant"] button')
  await hands.press('Enter')
  await hands.sees('准予决定书')
  await hands.usedNoMouse()
}))

test('a guide is changed, compared, checked and proposed by keys', { timeout: 90_000 }, () => stage.tell('keys-guide', async () => {
  const hands = new Hands(await stage.byKeys('admin1'))
  await hands.goes('settings', /\/guides$/)
  await hands.press('/')
  await hands.opens('老年优待证', 'table.rows tbody a')
  await hands.at(/\/guides\/[0-9a-f-]+$/)
  await hands.press('n')
  await hands.at(/\/draft\//)
  await hands.reach('textarea[name=plain]')
  await hands.press('Control+End')
  await hands.type('周末也能在手机上办。')
  await hands.press('Escape', 's')
  await hands.sees('已保存')
  await hands.at(/\/draft\//)
  await hands.reach('form[action$="/propose"] select[name=cause]')
  await hands.press('ArrowDown', 'Tab')
  await hands.focusIsOn('form[action$="/propose"] [name=reason]')
  await hands.type('补充办理时间')
  await hands.press('Enter')
  await hands.at(/\/guides\/[0-9a-f-]+/)
  await hands.reach('a.button[href*="/compare"]')
  await hands.press('Enter')
  await hands.at(/\/compare/)
  await hands.sees('周末也能在手机上办')
  await hands.usedNoMouse()
}))

test('a second person reads what was proposed and publishes it by keys', { timeout: 90_000 }, () => stage.tell('keys-publish', async () => {
  const hands = new Hands(await stage.byKeys('admin2'))
  await hands.goes('settings', /\/guides$/)
  await hands.press('/')
  await hands.focusIsOn('[name=q]')
  await hands.type('老年优待证')
  await hands.press('Enter')
  await hands.at(/q=/)
  await hands.press('Escape')
  await hands.reach('table.rows tbody a')
  await hands.press('Enter')
  await hands.at(/\/guides\/[0-9a-f-]+$/)
  await hands.reach('a.button[href*="/draft/"]')
  await hands.press('Enter')
  await hands.at(/\/draft\//)
  await hands.reach('form[action$="/publish"] button')
  await hands.press('Enter')
  await hands.at(/\/guides\/[0-9a-f-]+\?/)
  await hands.sees('补充办理时间')
  await hands.usedNoMouse()
}))

test('a hall manager opens a noon, looks at it, makes it and takes it back by keys', { timeout: 90_000 }, () => stage.tell('keys-calendar', async () => {
  const hands = new Hands(await stage.byKeys('manager1'))
  const made = () => hands.page.locator('form[action$="/end"]').count()
  await hands.goes('hall', /\/calendar$/, '3')
  const before = await made()
  await hands.reach('.chip')
  await hands.press('Enter')
  // The hours are filled in; the day is what is left to say.
  await hands.focusIsOn('[name=first_on]')
  for (const field of ['first_on', 'last_on']) {
    await hands.reach(`[name=${field}]`)
    await hands.types(nextSaturday())
  }
  await hands.reach('[name=skill]')
  await hands.press('ArrowDown')
  await hands.reach('[name=reason]')
  await hands.type('周六中午加开')
  await hands.press('Enter')
  await hands.sees('将新开')
  await settled(hands.page)
  assert.equal(await made(), before, 'looking has made it')
  await hands.press('y')
  await hands.at(/done=0/)
  assert.equal(await made(), before + 1)
  await hands.reach('form[action$="/end"] button')
  await hands.press('Enter')
  await hands.sees('取消这个安排会怎样')
  await settled(hands.page)
  await hands.press('y')
  await hands.at(/done=0/)
  assert.equal(await made(), before)
  await hands.usedNoMouse()
}))

test('a hall manager changes the week and the rules, and takes both back, by keys', { timeout: 90_000 }, () => stage.tell('keys-rules', async () => {
  const hands = new Hands(await stage.byKeys('manager1'))
  await hands.goes('hall', /\/calendar$/, '3')
  await morePlaces(hands)
  await otherRules(hands)
  await hands.usedNoMouse()
}))

async function morePlaces(hands) {
  const undo = 'form[action$="/undo"] button'
  await hands.reach('a[href*="/calendar/week"]')
  await hands.press('Enter')
  await hands.at(/\/week/)
  await hands.reach('details.item > summary')
  await hands.press('Enter')
  await hands.writes('details[open] [name=capacity]', '9')
  await hands.writes('details[open] [name=closes]', '0100AM')
  await hands.reach('details[open] [name=reason]')
  await hands.type('窗口增加人手')
  await hands.press('Enter')
  // It would close before it opens: said, and what was typed is still there.
  await hands.page.locator('#alert [role=alert]').waitFor()
  assert.equal(await hands.page.locator('details[open] [name=capacity]').inputValue(), '9')
  await hands.writes('details[open] [name=closes]', '1200PM')
  await hands.press('Enter')
  await hands.sees('调整数量')
  await settled(hands.page)
  assert.equal(await hands.page.locator(undo).count(), 0, 'looking has made it')
  await hands.press('y')
  await hands.at(/done=0/)
  await hands.sees('9 个号')
  await hands.takesBack(undo, /done=0/)
}

async function otherRules(hands) {
  await hands.reach('a[href*="/calendar/rules"]')
  await hands.press('Enter')
  await hands.at(/\/rules/)
  for (const [part, rule] of [['booking', 'hold_minutes'], ['queue', 'grace_minutes']]) {
    const form = `form[action$="/rules/${part}"]`
    await hands.writes(`${form} [name=${rule}]`, '19')
    await hands.reach(`${form} [name=reason]`)
    await hands.type('试行两周')
    await hands.press('Enter')
    await hands.page.locator('[role=status] li', { hasText: '19' }).waitFor()
    await settled(hands.page)
    await hands.press('y')
    await hands.at(new RegExp(`done=${part}`))
    await hands.takesBack('form[action$="/undo"] button', /done=undone/)
  }
}

/** A day as its field is typed into, year first; far enough ahead that nobody has booked at noon. */
function nextSaturday() {
  const day = new Date(Date.now() + 8 * 3_600_000)
  day.setUTCDate(day.getUTCDate() + ((6 - day.getUTCDay() + 7) % 7 || 7))
  return day.toISOString().slice(0, 10)
}
