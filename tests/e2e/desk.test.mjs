/** The desk by keyboard and at two widths: every page whole, every key as the list of keys says, every refusal in place. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PAGES } from './desk_pages.mjs'
import { settled } from './settled.mjs'
import { APP, Stage } from './stage.mjs'

const LOOKED_AT = new Set(Object.values(PAGES).flat().map((path) => `/console${path}`))
let stage

before(async () => { stage = await Stage.open() }, { timeout: 60_000 })
after(async () => stage?.end())

for (const [username, paths] of Object.entries(PAGES)) {
  test(`every page of ${username} is whole, wide and small`, { timeout: 120_000 }, () => stage.tell(`desk-${username}`, async () => {
    const { page } = await stage.desk(username)
    const menu = await page.locator('.top nav a').evaluateAll((links) => links.map((one) => one.pathname))
    assert.deepEqual(menu.filter((path) => !LOOKED_AT.has(path)), [], 'screens of the menu that nobody looks at')
    for (const path of paths) {
      const answer = await page.goto(`${APP}/console${path}`)
      assert.equal(answer.status(), 200, `${path || '/'}: there is nothing to look at`)
      await stage.drawn(page)
      const bare = await page.evaluate(() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
        .filter((one) => !one.hidden && !one.labels?.length && !one.getAttribute('aria-label')).map((one) => one.name))
      assert.deepEqual(bare, [], `${path || '/'}: fields nobody has named`)
      for (const [width, height] of [[1440, 900], [1024, 768], [390, 844]]) {
        await page.setViewportSize({ width, height })
        await page.evaluate(() => new Promise((drawn) => { requestAnimationFrame(() => requestAnimationFrame(drawn)) }))
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        assert.ok(beyond <= 0, `${path || '/'} at ${width} is ${beyond} px too wide`)
        await stage.picture(page, `desk-${username}-${width}-${path.replaceAll('/', '_') || 'home'}`)
      }
    }
  }))
}

test('an English desk says what on it is Chinese, so that it is read aloud and not spelled out', { timeout: 60_000 }, () => stage.tell('desk-language', async () => {
  const { page: seat } = await stage.desk('clerk1')
  const page = await stage.page({ locale: 'en', storageState: await seat.context().storageState() })
  const untold = () => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const found = []
    while (walk.nextNode()) if (/\p{Script=Han}/u.test(walk.currentNode.data) && !walk.currentNode.parentElement.closest(':lang(zh), script, option')) found.push(walk.currentNode.data.trim())
    return found
  }
  await page.goto(`${APP}/console/cases`)
  assert.deepEqual(await page.evaluate(untold), [], 'the list')
  assert.equal(await page.locator('table.rows td:lang(zh)').count() > 0, true, 'nothing Chinese was there')
  await page.locator('table.rows tbody a').first().click()
  await page.waitForURL(/cases\/[0-9a-f-]+$/)
  await settled(page)
  assert.deepEqual(await page.evaluate(untold), [], 'a case, come to by a boosted link')
  assert.equal(await page.locator('h2:lang(en)').count() > 0, true, 'what is English stays English')
}))

test('keys do what their list says', { timeout: 60_000 }, () => stage.tell('desk-keys', async () => {
  const { page } = await stage.desk('admin1')
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.goto(`${APP}/console/staff`)
  await page.keyboard.press('?')
  await page.locator('dialog#keys').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('dialog#keys').waitFor({ state: 'hidden' })
  await page.keyboard.press('/')
  await page.keyboard.type('clerk')
  await page.keyboard.press('Enter')
  await page.waitForURL(/q=clerk/)
  await settled(page)
  await page.getByText('clerk2').first().waitFor()
  assert.equal(await page.getByText('supervisor1').count(), 0)
  await page.keyboard.press('Escape')
  await page.keyboard.press('n')
  await page.waitForURL(/staff\/new/)
  // The page gives the field its focus a moment after it is drawn; Escape before that would leave nothing.
  await page.locator('[name=username]:focus').waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await page.keyboard.press('1')
  await page.waitForURL(/\/console$/)
  await settled(page)
  // An area is come back to where it was left.
  await page.keyboard.press('g')
  await page.keyboard.press('3')
  await page.locator('.tabs.going').getByText('大厅').waitFor()
  await page.keyboard.press('5')
  await page.waitForURL(/\/halls$/)
  await page.locator('.areas [data-area=oversight]').click()
  await page.waitForURL(/\/messages$/)
  await settled(page)
  await page.locator('.areas [data-area=settings]').click()
  await page.waitForURL(/\/halls$/)
  await settled(page)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle)
  assert.equal(outline, 'solid', 'the focus cannot be seen')
}))

test('a clerk works by keyboard alone', { timeout: 120_000 }, () => stage.tell('desk-by-keys', async () => {
  const page = await stage.byKeys('clerk1')
  const { keyboard } = page
  const press = async (...keys) => { for (const key of keys) await keyboard.press(key) }
  const reach = async (selector) => {
    for (let steps = 0; steps < 80; steps += 1) {
      if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return
      await press('Tab')
    }
    throw new Error(`${selector} cannot be reached by Tab`)
  }
  const state = (words) => page.locator('.card.big').getByText(words).first().waitFor()

  // Two numbers at the reception, then the panel.
  await press('g', '2', '3')
  await page.waitForURL(/reception/)
  await settled(page)
  for (const turn of [1, 2]) {
    await reach('form.row button.primary')
    await press('Enter')
    await page.waitForURL(/given=/)
    await settled(page)
    assert.equal(await page.locator('.card.big .number').count(), 1, `number ${turn} was not given`)
  }
  await press('Escape', 'g', '2', '4')
  await page.waitForURL(/queue/)
  await settled(page)

  // A colleague sat here this morning; nobody they held is lost by it.
  await press('t')
  await state('空闲')
  await settled(page)
  await press('n')
  await state('请到窗口')
  const first = await page.locator('.card.big .number').innerText()
  await press('r')
  await state('第 2 次呼叫')
  await press('s')
  await state('办理中')
  await press('h')
  await state('空闲')
  await page.getByRole('heading', { name: '挂起的' }).waitFor()
  await settled(page)

  await press('n')
  await state('请到窗口')
  assert.notEqual(await page.locator('.card.big .number').innerText(), first)
  await press('k')
  await page.getByRole('heading', { name: '过号的' }).waitFor()
  await settled(page)

  // The one who was held is back, and is handed on to colleagues with a note.
  await reach('form[action$="/resume"] button')
  await press('Enter')
  await state('办理中')
  await settled(page)
  await press('x')
  // What a key has opened is where the next key goes.
  await page.locator('.hand-on select:focus').waitFor()
  await press('End')
  await reach('.hand-on input[name=note]')
  await keyboard.type('只差盖章')
  await press('Enter')
  await page.getByText('只差盖章').first().waitFor({ state: 'attached' })
  await settled(page)

  // The one who was skipped has turned up.
  await reach('form[action$="/bring-back"] button')
  await press('Enter')
  await page.getByRole('heading', { name: '过号的' }).waitFor({ state: 'detached' })
  await settled(page)
  await press('n')
  await state('请到窗口')
  await press('s')
  await state('办理中')
  await press('f')
  await state('空闲')
  await settled(page)
  await press('p')
  await state('本窗口已暂停叫号')
  await press('p')
  await state('空闲')
  assert.equal(await page.evaluate(() => globalThis.pointed), 0, 'a mouse was used')
}))

test('a refused deed leaves the page and its address, and a reload works', { timeout: 60_000 }, () => stage.tell('desk-refused', async () => {
  const { page } = await stage.desk('clerk1')
  await page.goto(`${APP}/console/results`)
  await page.fill('[name=code]', '12345678')
  await page.keyboard.press('Enter')
  await page.locator('#alert [role=alert]').waitFor()
  assert.equal(new URL(page.url()).pathname, '/console/results')
  const again = await page.reload()
  assert.equal(again.status(), 200)
}))

test('what is wrong is said at its field, and what was typed stays', { timeout: 60_000 }, () => stage.tell('desk-fault', async () => {
  const { page } = await stage.desk('clerk1')
  await page.goto(`${APP}/console/receive?q=居住证`)
  await page.locator('ul.links a').first().click()
  const applicant = page.locator('[name=name]')
  for (let answered = 0; ; answered += 1) {
    const open = page.locator('select[name=answers]').nth(answered)
    await applicant.or(open).first().waitFor()
    if (await applicant.isVisible()) break
    await open.selectOption({ index: 1 })
  }
  await page.fill('[name=name]', '王小明')
  await page.fill('[name=number]', '341226199001010000')
  await page.keyboard.press('Enter')
  await page.locator('[name=number][aria-invalid=true]:focus').waitFor()
  const said = await page.locator('#fault-number').innerText()
  assert.match(said, /证件号码/)
  assert.equal((await page.locator('#alert').innerText()).trim(), said, 'it is said twice')
  assert.equal(await page.inputValue('[name=name]'), '王小明')
  await page.keyboard.press('Enter')
  await settled(page)
  assert.equal(await page.locator('.fault').count(), 1, 'a second refusal stands beside the first')
}))

test('what is wrong with one line of several is said at that line', { timeout: 60_000 }, () => stage.tell('desk-line', async () => {
  const { page } = await stage.desk('clerk1')
  await page.goto(`${APP}/console/cases?list=accept`)
  await page.locator('table.rows tbody a').first().click()
  const form = page.locator('form[action$="/ask-correction"]')
  await page.locator('details', { has: form }).locator('summary').first().click()
  const lines = form.locator('input[name=keys]')
  assert.ok(await lines.count() > 1, 'one line only')
  for (const at of [0, 1]) await lines.nth(at).check()
  const keys = await lines.evaluateAll((all) => all.map((one) => one.value))
  for (const at of [0, 1]) await form.locator('input[name=reasons]').nth(at).fill('请补正')
  await page.route('**/ask-correction', (asked) => asked.fulfill({ status: 422, contentType: 'text/html', body: `<div role="alert"><p>-</p><ul><li data-field="lines.${keys[1]}">-</li></ul></div>` }))
  await form.locator('button:not([type="button"])').click()
  await page.locator(`#reason-${keys[1]}[aria-invalid=true]:focus`).waitFor()
  assert.equal(await page.locator('.fault').count(), 1)
  assert.equal(await form.locator('input[name=reasons]').nth(0).inputValue(), '请补正', 'what was typed is gone')
}))

test('a question comes and goes with the answer that calls for it', { timeout: 60_000 }, () => stage.tell('desk-question', async () => {
  const { page } = await stage.desk('clerk1')
  await page.goto(`${APP}/console/cases`)
  await page.evaluate(() => document.querySelector('main').insertAdjacentHTML('beforeend', '<select name="answer.card"><option value="">-</option><option value="now">+</option></select><label id="asked" data-if="answer.card" data-is="now" hidden>?</label>'))
  for (const [value, shown] of [['now', true], ['', false]]) {
    await page.locator('[name="answer.card"]').selectOption(value)
    assert.equal(await page.locator('#asked').isVisible(), shown)
  }
}))

test('the chain is checked while one watches', { timeout: 60_000 }, () => stage.tell('desk-chain', async () => {
  const { page } = await stage.desk('auditor1')
  await page.goto(`${APP}/console/audit/chain`)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: '开始核验' }).click()
  await page.locator('#check p.done').waitFor()
  assert.match(await page.locator('#check').innerText(), /完好/)
}))

test('a heat map opens at its latest month, and its places stay beside it', { timeout: 60_000 }, () => stage.tell('desk-heat', async () => {
  const desk = await stage.desk('supervisor1')
  await desk.page.setViewportSize({ width: 390, height: 844 })
  for (const key of ['promise_kept', 'waited']) {
    await desk.go(`/indicators/${key}`)
    const maps = await desk.page.locator('.scroll:has(.heat)').evaluateAll((several) => several.map((one) => {
      const within = (cell) => cell.left >= frame.left - 1 && cell.right <= frame.right + 1
      const frame = one.getBoundingClientRect()
      const heads = [...one.querySelectorAll('thead th')].map((cell) => [cell.innerText, cell.getBoundingClientRect()])
      const place = one.querySelector('tbody th').getBoundingClientRect()
      return { wider: one.scrollWidth > one.clientWidth, latest: within(heads.at(-1)[1]), first: within(heads[1][1]), place: within(place), months: heads.slice(1).map(([month]) => month) }
    }))
    assert.notEqual(maps.length, 0, key)
    for (const map of maps) {
      assert.deepEqual({ ...map, months: null }, { wider: true, latest: true, first: false, place: true, months: null }, key)
      assert.deepEqual(map.months, [...map.months].sort(), 'the months stand in their order')
    }
  }
  await desk.page.setViewportSize({ width: 1440, height: 1000 })
}))
