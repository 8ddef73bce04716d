/** From the scan of the QR at a window to a stored rating, over a slow line: what it takes, in taps and in time. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { audit } from './audit.mjs'
import { APP, Stage } from './stage.mjs'
import { speaking } from './walk/words.mjs'

const t = speaking('zh-CN')
const WINDOW = '综合窗口 9 号'
const MOST_BYTES = 15 * 1024
const MOST_TAPS = 3
// The emulated line has no handshakes: a new one costs three round trips more (TCP, and TLS as old phones speak it).
const MOST_MS = 1500 - 3 * 150
const SLOW = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 90_000 }
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
let stage

before(async () => (stage = await Stage.open()), { timeout: 60_000 })
after(async () => stage?.end())

/** Somebody takes a number, is called and served; gives what the QR on the second screen opens. */
async function served(desk) {
  await desk.go('/reception')
  await desk.page.locator('.pills a', { hasText: '社会保障' }).click()
  await desk.page.locator('.pills a[aria-current]', { hasText: '社会保障' }).waitFor()
  await desk.page.getByRole('button', { name: t('console.reception.give'), exact: true }).click()
  await desk.page.locator('.card.big .number').waitFor()
  await desk.go('/queue')
  const window = await desk.page.locator('[name=window] option', { hasText: WINDOW }).getAttribute('value')
  await desk.go(`/queue?window=${window}`)
  for (const key of ['next', 'start', 'finish']) await desk.press(t(`console.queue.${key}`))
  await desk.page.getByRole('button', { name: t('console.queue.next') }).waitFor()
  await desk.go(`/queue/second?window=${window}`)
  const code = desk.page.locator('figure.code img')
  await code.waitFor()
  return `${APP}/q/${(await code.getAttribute('src')).match(/([\w-]+)\.svg/)[1]}`
}

/** Rates as a stranger whose browser has never been here; gives the taps, the bytes and the waiting, thinking left out. */
async function rated(address, options = {}) {
  const page = await stage.page({ ...PHONE, ...options })
  const line = await page.context().newCDPSession(page)
  await line.send('Network.enable')
  await line.send('Network.emulateNetworkConditions', SLOW)
  const asked = []
  page.on('request', (request) => request.url().startsWith('data:') || asked.push(request.url()))
  const began = performance.now()
  const bytes = (await (await page.goto(address)).body()).length
  const worst = page.getByRole('radio', { name: t('ratings.level.very_dissatisfied'), exact: true })
  await worst.waitFor()
  const readable = performance.now() - began
  assert.deepEqual(asked, [address], 'one round trip')
  assert.equal(await page.locator(':checked').count(), 0, 'nothing is chosen beforehand')
  let taps = 0
  const tap = async (what) => { taps += 1; await what.tap() }
  await tap(worst)
  assert.equal(await page.getByRole('checkbox').filter({ visible: true }).count(), 3, 'the first three reasons')
  await tap(page.getByRole('checkbox').filter({ visible: true }).first())
  await stage.picture(page, 'landing-rate')
  const stored = page.waitForResponse((answer) => answer.request().method() === 'POST')
  const said = performance.now()
  await tap(page.getByRole('button', { name: t('ratings.send') }))
  assert.equal((await stored).status(), 200)
  const storing = performance.now() - said
  await page.getByText(t('ratings.thanks')).waitFor()
  return { taps, bytes, readable, storing, page }
}

/** In the other language and in large letters, chosen on the page itself; gives what a stern reader finds wrong. */
async function looked(address) {
  const faults = []
  const page = await stage.page({ ...PHONE, viewport: { width: 360, height: 740 } })
  const en = speaking('en')
  await page.goto(address)
  const ways = [[t, false, null], [t, true, t('home.elder')], [en, true, t('home.language_label')], [en, false, en('home.elder')]]
  for (const [says, elder, way] of ways) {
    if (way) await page.getByRole('link', { name: way }).or(page.getByRole('button', { name: way })).tap()
    await page.getByRole('radio', { name: says('ratings.level.dissatisfied'), exact: true }).check()
    await page.getByText(says('ratings.more_tags'), { exact: true }).filter({ visible: true }).tap()
    assert.equal(await page.getByRole('checkbox').filter({ visible: true }).count(), 8)
    await stage.picture(page, `landing-rate-${says === en ? 'en' : 'zh'}${elder ? '-elder' : ''}`)
    faults.push(...await page.evaluate(audit, { elder }))
  }
  assert.deepEqual(faults, [])
}

test('one star is stored within three taps and a second and a half of the scan', { timeout: 120_000 }, () => stage.tell('rating', async () => {
  const desk = await stage.desk('clerk1')
  const tries = []
  // A machine that does much else at once is slow now and then: the best of three counts.
  for (let turn = 0; turn < 3; turn += 1) {
    const address = await served(desk)
    if (turn === 0) await looked(address)
    const found = await rated(address, { javaScriptEnabled: turn !== 2 })
    assert.ok(found.taps <= MOST_TAPS && found.bytes <= MOST_BYTES, `${found.taps} taps, ${found.bytes} bytes`)
    tries.push(found.readable + found.storing)
    console.log(JSON.stringify({ name: 'one_star', taps: found.taps, bytes: found.bytes, readable_ms: Math.round(found.readable), storing_ms: Math.round(found.storing) }))
    if (turn === 0) await stage.picture(found.page, 'landing-thanks')
  }
  assert.ok(Math.min(...tries) <= MOST_MS, `${tries.map(Math.round)} ms, more than ${MOST_MS}`)
}))

/** The desk lets a tablet in; gives a page that stands before the window it asks for. */
async function tablet(desk, window) {
  await desk.go('/queue/devices')
  await desk.page.locator('select[name=kind]').selectOption('tablet')
  await desk.page.locator('input[name=name]').fill('九号窗口')
  await desk.press(t('console.devices.give_code'))
  const address = await desk.page.getByRole('link', { name: t('console.devices.open_here') }).evaluate((link) => link.href)
  const page = await stage.page()
  await page.goto(address)
  await page.getByRole('button', { name: t('kiosk.pair.go') }).click()
  await page.getByRole('link', { name: window }).click()
  return page
}

test('a tablet asks in order, lying or standing, and the button is one line', { timeout: 120_000 }, () => stage.tell('tablet', async () => {
  const desk = await stage.desk('clerk1')
  await served(desk)
  const page = await tablet(desk, WINDOW)
  for (const [width, height] of [[1440, 900], [1024, 768], [768, 1024], [390, 844]]) {
    await page.setViewportSize({ width, height })
    assert.equal(await page.locator('.levels :checked').count(), 0, 'nothing is chosen beforehand')
    await page.getByRole('radio', { name: t('ratings.level.dissatisfied'), exact: true }).check()
    const parts = await page.evaluate(() => ['.levels', '.reasons-dissatisfied', 'button.huge'].map((one) => document.querySelector(one).getBoundingClientRect().toJSON()))
    await stage.picture(page, `tablet-${width}`)
    for (const [above, below] of [[parts[0], parts[1]], [parts[1], parts[2]]]) assert.ok(above.bottom <= below.top, `${width}: one lies over the other`)
    const words = await page.locator('.levels strong').evaluateAll((several) => several.map((one) => one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight)))
    assert.ok(words.every((lines) => lines < 1.5), `${width}: an answer is broken into ${words} lines`)
    assert.ok(parts[2].width > parts[2].height * 1.5 && parts.every((one) => one.left >= 0 && one.right <= width), `${width}: ${JSON.stringify(parts)}`)
    await page.reload()
  }
}))

/** A browser of its own in which somebody of the sandbox is logged in, as by a code sent to their number. */
async function loggedIn(key) {
  const phone = await stage.phone(key)
  const frame = await (await phone.page.waitForSelector(`#phone-${key} iframe`)).contentFrame()
  const kept = await frame.waitForFunction((name) => localStorage.getItem(name), `onetrip.${key}.token`)
  const page = await stage.page(PHONE)
  await page.addInitScript((token) => location.protocol.startsWith('http') && localStorage.setItem('onetrip..token', token), await kept.jsonValue())
  return page
}

test('whoever is logged in in the browser rates under their login, anybody else without a name', { timeout: 120_000 }, () => stage.tell('named', async () => {
  const address = await served(await stage.desk('clerk1'))
  const [own, again, stranger] = [await loggedIn('liu-yang'), await loggedIn('liu-yang'), await stage.page(PHONE)]
  await own.goto(address)
  await own.waitForURL(/#\/features\/ratings\/pages\/rate/)
  await own.getByRole('radio', { name: t('ratings.level.dissatisfied'), exact: true }).click()
  await own.getByRole('button', { name: t('ratings.send') }).click()
  await own.getByText(t('ratings.thanks')).waitFor()
  // No secret lies in this one: it is the login that shows whose it is.
  await again.goto(address)
  await again.getByRole('button', { name: t('ratings.change') }).waitFor()
  await stranger.goto(address)
  await stranger.getByText(t('ratings.given_note')).waitFor()
  assert.equal(await stranger.getByRole('button', { name: t('ratings.change') }).count(), 0)
}))
