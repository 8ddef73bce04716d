// A visit to the hall: booked on the phone, confirmed, checked in, the number falls, called on the screen and aloud, rated.

import { becomeKnown, find, pickToday, rate } from './errand.mjs'
import { must } from './eyes.mjs'
import { Browser, SandboxPhone } from './phone.mjs'
import { LARGE, play, SMALL } from './scene.mjs'
import { t } from './words.mjs'

const ITEM = '社会保障卡补领'
const HALL = '颍上县政务服务中心'
const WINDOW = '综合窗口 9 号'
const KIND = '社会保障'
const { person } = JSON.parse(process.env.E2E)

await play('in-hall', async (scene) => {
  const page = await scene.page('phones', LARGE)
  await page.goto(`${scene.sandbox}/?phone=${person.key}`)
  const phone = new SandboxPhone(page, person.key, scene.eyes)

  scene.say('booked on the phone; the guide says how busy the hall is')
  await phone.start()
  await find(phone, '社保卡补领', ITEM)
  await phone.sees(t('queue.crowd.level.some'))
  await pickToday(phone, HALL)
  await becomeKnown(phone, person.name, person.number)
  await phone.tap(t('booking.book'))
  await phone.allow()
  await phone.sees(t('booking.state.requested'))

  scene.say('confirmed by a clerk on their telephone; the hall has its screen and its kiosk')
  const clerk = await scene.desk('clerk1', SMALL)
  await clerk.tab(t('console.tab.confirm'))
  await clerk.see('confirm')
  await fingersFit(clerk.page)
  await clerk.press(t('console.bookings.confirm'), clerk.page.locator('.answer', { hasText: ITEM }).first())
  await clerk.sees(t('console.bookings.confirmed', { count: 1 }))
  await clerk.page.setViewportSize(LARGE)
  await clerk.tab(t('console.tab.queue'))
  await clerk.page.locator('select[name=window]').selectOption({ label: WINDOW })
  await clerk.settled()
  const screen = await wall(scene, await letIn(clerk, t('console.devices.screen')))
  const door = await letIn(clerk, t('console.devices.kiosk'))

  scene.say('two walk in before: one at the kiosk without a phone, one at the reception')
  const { slip, taken } = await kiosk(scene, door)
  await clerk.tab(t('console.tab.reception'))
  await clerk.page.getByRole('link', { name: KIND }).click()
  await clerk.settled()
  await clerk.page.getByLabel(t('console.reception.green')).selectOption({ label: t('queue.green.veteran') })
  await clerk.press(t('console.reception.give'), clerk.page.locator('form.row'))
  await clerk.sees(after(taken))
  await clerk.see('reception')

  scene.say('checked in by the poster; one is ahead')
  await phone.openNotice('预约结果通知')
  await phone.tap(t('booking.check_in'))
  await phone.scans({ label: HALL })
  await phone.sees(t('queue.your_booking'))
  await phone.see('arrived')
  await phone.tap(t('queue.arrive'))
  await phone.allow()
  await phone.sees(/^A\d{3}$/)
  const number = (await phone.text()).match(/A\d{3}/)[0]
  const before = await ahead(phone)
  await phone.see('ticket')

  scene.say('whoever has no phone reads the slip with somebody else’s')
  const other = new Browser(await scene.page('slip', SMALL, { isMobile: true }), scene.eyes)
  await other.page.goto(slip)
  await other.sees(taken)
  await other.see('place-in-line')

  scene.say('the first is called by one key: the number falls on the phone, large and aloud on the screen')
  await clerk.tab(t('console.tab.queue'))
  await clerk.page.locator('select[name=window]').selectOption({ label: WINDOW })
  await clerk.settled()
  await clerk.see('panel')
  await clerk.page.keyboard.press('n')
  await clerk.sees(t('console.queue.start'))
  await until(async () => (await ahead(phone)) === before - 1, 'the number on the phone did not fall')
  await screen.getByText(WINDOW).first().waitFor()
  await until(() => screen.evaluate(() => globalThis.spoken.some((words) => words.includes('B 0 0'))), 'nobody was called aloud')
  await clerk.settled()
  await clerk.page.keyboard.press('r')
  await clerk.sees(t('console.queue.times', { n: 2 }))
  await until(() => screen.evaluate(() => globalThis.spoken.length >= 2), 'calling again was not said again', () => ears(screen))

  scene.say('a cut of the network: the screen says so, and finds its way back to what was called meanwhile')
  await screen.context().setOffline(true)
  // The emulated cut leaves a stream that stands alone; a real one does not.
  await screen.evaluate('stream.close()')
  await screen.locator('#stale').waitFor({ state: 'visible', timeout: 60_000 })
  await scene.eyes.look('screen-cut', screen, screen.mainFrame())
  const heard = await screen.evaluate(() => globalThis.spoken.length)
  await clerk.page.keyboard.press('r')
  await clerk.sees(t('console.queue.times', { n: 3 }))
  await screen.context().setOffline(false)
  await screen.locator('#stale').waitFor({ state: 'hidden', timeout: 60_000 })
  await until(() => screen.evaluate((before) => globalThis.spoken.length > before, heard), 'what was called during the cut was never said')

  scene.say('by keyboard alone until the booked person is served')
  const second = await clerk.page.context().newPage()
  await second.setViewportSize(LARGE)
  await second.goto(await clerk.page.getByRole('link', { name: t('console.queue.second') }).evaluate((link) => link.href))
  await clerk.serveUntil(number)
  await phone.sees(t('queue.go_to', { window: WINDOW }))
  await phone.see('called')
  await screen.getByText(number).first().waitFor()
  await screen.locator('#last li').first().waitFor()
  must(await screen.evaluate(() => [...document.querySelectorAll('#last li, #kinds dt, #door')].every((one) => {
    const around = one.closest('section').getBoundingClientRect()
    return one.getBoundingClientRect().bottom <= around.bottom && around.bottom <= innerHeight
  })), 'the screen cuts off what it lists')
  await scene.eyes.look('screen-called', screen, screen.mainFrame())
  await wholeInEnglish(scene, screen.url())
  await clerk.page.keyboard.press('s')
  await clerk.page.locator('.card.big').getByText(t('queue.state.serving')).waitFor()
  await clerk.settled()
  await clerk.page.keyboard.press('f')
  await clerk.sees(t('console.rate.text'))
  await second.getByText(t('console.second.rate')).waitFor()
  await scene.eyes.look('second-screen', second, second.mainFrame())
  await phone.sees(t('queue.done_note'))

  scene.say('rated by the QR on the second screen')
  await phone.scansInWeChat({ label: t('console.rate.alt') })
  await rate(phone, { level: t('ratings.level.very_satisfied') })
})

/** Register a machine at the desk; gives the address that has its code filled in. */
async function letIn(clerk, kind) {
  await clerk.tab(t('console.tab.queue'))
  await clerk.page.getByRole('link', { name: t('console.queue.equipment') }).click()
  await clerk.settled()
  await clerk.page.locator('select[name=kind]').selectOption({ label: kind })
  await clerk.page.locator('input[name=name]').fill('一楼东门')
  await clerk.press(t('console.devices.give_code'))
  await clerk.sees(t('console.devices.code'))
  await clerk.see('machine')
  return clerk.page.getByRole('link', { name: t('console.devices.open_here') }).evaluate((link) => link.href)
}

/** What is tapped with a thumb is large enough for one. */
async function fingersFit(page) {
  const small = await page.evaluate(() => [...document.querySelectorAll('.answer button, .answer summary, .answer .tick, .below button')]
    .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
    .filter(([, box]) => box.height > 0 && (box.height < 44 || box.width < 44)).map(([words]) => words))
  must(small.length === 0, `too small for a thumb: ${small.join(', ')}`)
  must(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'the list is wider than the telephone')
}

/** At the machine: the code lets it in, and stands in no address afterwards. */
async function setUp(page) {
  await page.getByRole('button', { name: t('kiosk.pair.go') }).click()
  await page.waitForURL((address) => /\/(kiosk|screen)\/[0-9a-f-]{36}$/.test(address.pathname))
  must(new URL(page.url()).search === '', 'a key stands in the address of the machine')
}

/** The screen on the wall, with ears: what it would say is kept. */
async function wall(scene, address) {
  const screen = await scene.page('screen', { width: 1920, height: 1080 })
  await screen.addInitScript(() => {
    globalThis.spoken = []
    globalThis.speechSynthesis.speak = (words) => {
      globalThis.spoken.push(words.text)
      setTimeout(() => words.onend?.(), 20)
    }
  })
  await screen.goto(address)
  await setUp(screen)
  must(await screen.locator('#door').isVisible(), 'the screen does not show the code that changes')
  await screen.getByRole('button', { name: t('screen.sound') }).click()
  await screen.getByText(t('screen.sound_on')).waitFor()
  await scene.eyes.look('screen', screen, screen.mainFrame())
  return screen
}

/** Longer words find their room on the wall, too. */
async function wholeInEnglish(scene, address) {
  const page = await scene.page('screen-english', { width: 1920, height: 1080 }, { locale: 'en' })
  await page.goto(address)
  await page.locator('#kinds dt').first().waitFor()
  const cut = await page.evaluate(() => [...document.querySelectorAll('#kinds dt')].filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent))
  must(cut.length === 0, `the English screen cuts off ${cut.join(', ')}`)
  await page.context().close()
}

/** Somebody without a phone takes a number; gives it, and what the QR on the slip opens. */
async function kiosk(scene, address) {
  const page = await scene.page('kiosk', { width: 1080, height: 1920 })
  await page.addInitScript(() => {
    globalThis.printed = 0
    globalThis.print = () => (globalThis.printed += 1)
  })
  await page.goto(address)
  await scene.eyes.look('kiosk-pair', page, page.mainFrame())
  await setUp(page)
  await scene.eyes.look('kiosk', page, page.mainFrame())
  await page.locator('.tile', { hasText: KIND }).click()
  await page.getByRole('radio', { name: ITEM }).check()
  await scene.eyes.look('kiosk-kind', page, page.mainFrame())
  await page.getByRole('button', { name: t('kiosk.give') }).click()
  const taken = (await page.locator('.slip-number').innerText()).trim()
  await until(() => page.evaluate(() => globalThis.printed > 0), 'the slip was not printed')
  await scene.eyes.look('kiosk-slip', page, page.mainFrame())
  const code = new URL(page.url()).searchParams.get('code')
  return { slip: `${scene.base}/q/${code}`, taken }
}

/** The number that is given next. */
function after(number) {
  return `${number[0]}${String(Number(number.slice(1)) + 1).padStart(3, '0')}`
}

async function ahead(phone) {
  const said = await phone.text()
  return said.includes(t('queue.next')) ? 0 : Number(said.match(/前面还有\s*(\d+)/)?.[1] ?? -1)
}

/** What the screen knows and said: without it nobody finds out why it was silent. */
function ears(screen) {
  return screen.evaluate('JSON.stringify({ spoken, said: [...said], calls: shown.calls, speaking: voice.speaking !== false, waiting: voice.waiting, enabled: voice.enabled, stream: stream.readyState, silent: Date.now() - heardAt, ahead })')
}

async function until(holds, otherwise, evidence = async () => '') {
  for (let tries = 0; tries < 60; tries += 1) {
    if (await holds()) return
    await new Promise((done) => setTimeout(done, 250))
  }
  must(false, `${otherwise} ${await evidence()}`)
}
