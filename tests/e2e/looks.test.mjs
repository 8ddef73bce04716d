/** Every page, in both languages and in elder mode, on a phone and on a wide screen: readable, tappable, whole. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { audit } from './audit.mjs'
import { held } from './held.mjs'
import { APP, Stage } from './stage.mjs'

const MODES = [
  { name: 'zh', locale: 'zh-CN', elder: false, sizes: [[390, 844], [1440, 900]] },
  { name: 'en', locale: 'en', elder: false, sizes: [[390, 844]] },
  { name: 'elder', locale: 'zh-CN', elder: true, sizes: [[390, 844]] },
  { name: 'elder-en', locale: 'en', elder: true, sizes: [[360, 740]] },
]
const UNKNOWN = '01a1fbfe-0000-7000-8000-000000000000'
let stage
let token
let pages
let inHand

/** A sample person's own login, and the addresses of what they have. */
async function settle() {
  const phone = await stage.phone('zhang-guilan')
  await phone.sees('标准版')
  const frame = phone.page.frames().find((one) => one.url().startsWith(APP))
  const own = await frame.evaluate(async () => {
    const token = JSON.parse(localStorage.getItem('onetrip.zhang-guilan.token'))
    const get = async (path) => (await fetch(`/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } })).json()
    const [certificates, items] = await Promise.all([get('/certificates'), get('/items?limit=20')])
    const booking = await bookAt(items.items.find((one) => one.bookable))
    async function bookAt(item) {
      const guide = await get(`/items/${item.id}`)
      const { days } = await get(`/availability?item_id=${item.id}&hall_id=${guide.halls[0].id}&days=7`)
      const slot = days.flatMap((day) => day.slots).findLast((one) => !one.full)
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }
      return (await fetch('/api/v1/bookings', { method: 'POST', headers, body: JSON.stringify({ item_id: item.id, slot_id: slot.id }) })).json()
    }
    return { token, booking: booking.id, thread: (await get('/threads')).items?.[0]?.id, certificate: certificates[0]?.id, items: items.items }
  })
  const bookable = own.items.find((one) => one.bookable)
  const guide = await (await fetch(`${APP}/api/v1/items/${bookable.id}`)).json()
  const some = [
    own.thread && ['matter', `/features/thread/pages/detail?id=${own.thread}`],
    own.thread && ['pickup', `/features/delivery/pages/pickup?thread=${own.thread}`],
    own.thread && ['choice', `/features/delivery/pages/choose?thread=${own.thread}`],
    own.certificate && ['certificate', `/features/certificates/pages/show?id=${own.certificate}`],
    own.certificate && ['certificate-paper', `/features/certificates/pages/paper?id=${own.certificate}`],
  ]
  token = own.token
  pages = [
    ['home', '/pages/home'],
    ['services', '/pages/services'],
    ['certificates', '/pages/certificates'],
    ['inbox', '/pages/inbox'],
    ['me', '/pages/me'],
    ['search', '/features/catalogue/pages/search'],
    ['nothing', '/features/catalogue/pages/search?q=zzzzzz'],
    ['guide', `/features/catalogue/pages/guide?id=${bookable.id}`],
    ['pick', `/features/booking/pages/pick?item=${bookable.id}&hall=${guide.halls[0].id}`],
    ['bookings', '/features/booking/pages/list'],
    ['matters', '/features/thread/pages/list'],
    ['track', '/features/thread/pages/track'],
    ['form', `/features/cases/pages/form?item=${bookable.id}`],
    ['unknown-code', '/features/codes/pages/open?token=AAAAAAAAAAAAAAAAAAAAAA'],
    ['check', '/features/certificates/pages/check?token=AAAAAAAAAAAAAAAAAAAAAA'],
    ['scan', '/features/codes/pages/scan'],
    ['check-in', '/features/queue/pages/check-in?token=AAAAAAAAAAAAAAAAAAAAAA'],
    ['login', '/features/identity/pages/login'],
    ['consent', '/features/identity/pages/consent'],
    ['realname', '/features/identity/pages/realname'],
    ['sessions', '/features/identity/pages/sessions'],
    ['data', '/features/identity/pages/data'],
    ['phone', '/features/identity/pages/phone'],
    ['access', '/features/identity/pages/access'],
    ['family', '/features/identity/pages/mandates'],
    ['addresses', '/features/identity/pages/addresses'],
    ['enterprises', '/features/identity/pages/enterprises'],
    ['letters', '/features/complaints/pages/list'],
    ['letter-new', `/features/complaints/pages/new?kind=stuck&item=${bookable.id}&name=%E6%A0%B7%E4%BE%8B`],
    ['letters-public', '/features/complaints/pages/public'],
    ['letter-unknown', '/features/complaints/pages/one?token=AAAAAAAAAAAAAAAAAAAAAA'],
    ['score', '/features/supervision/pages/score'],
    ['unknown-walk', '/features/supervision/pages/walk?token=AAAAAAAAAAAAAAAAAAAAAA'],
    ['halls', `/features/catalogue/pages/halls?item=${bookable.id}`],
    ['hall', `/features/catalogue/pages/hall?id=${guide.halls[0].id}`],
    ['booking', `/features/booking/pages/detail?id=${own.booking}`],
    ['unknown-ticket', `/features/queue/pages/ticket?id=${UNKNOWN}`],
    ['unknown-rating', '/features/ratings/pages/rate?token=AAAAAAAAAAAAAAAAAAAAAA'],
    ['unknown-place', '/features/ratings/pages/place?token=AAAAAAAAAAAAAAAAAAAAAA'],
    ['unknown-paper', '/features/documents/pages/check?token=AAAAAAAAAAAAAAAAAAAAAA'],
    ['lost', '/features/codes/pages/lost'],
    ['unknown-enterprise', `/features/identity/pages/clerks?id=${UNKNOWN}`],
    ['unknown-choice', `/features/delivery/pages/choose?thread=${UNKNOWN}`],
    ['unknown-pickup', `/features/delivery/pages/pickup?thread=${UNKNOWN}`],
    ['unknown-certificate', `/features/certificates/pages/show?id=${UNKNOWN}`],
    ['unknown-paper', `/features/certificates/pages/paper?id=${UNKNOWN}`],
    ['unknown-consent', `/features/certificates/pages/consent?id=${UNKNOWN}`],
    ['unknown-following', `/features/cases/pages/following?id=${UNKNOWN}`],
    ['messages-settings', '/features/push/pages/settings'],
    ...some.filter(Boolean),
  ]
  await phone.page.context().close()
  stage.pages = stage.pages.filter((page) => page !== phone.page)
}

before(async () => {
  stage = await Stage.open()
  await settle()
  inHand = await held(stage)
}, { timeout: 90_000 })
after(async () => stage?.end())

test('no page is left out', () => {
  const { pages: tabs, subPackages } = JSON.parse(readFileSync(new URL('../../miniprogram/src/pages.json', import.meta.url), 'utf8'))
  const there = [...tabs.map((one) => `/${one.path}`), ...subPackages.flatMap(({ root, pages: own }) => own.map((one) => `/${root}/${one.path}`))]
  const seen = new Set(pages.map(([, path]) => path.split('?')[0]))
  assert.deepEqual(there.filter((path) => !seen.has(path)), [])
})

for (const mode of MODES) {
  test(`every page can be read and tapped: ${mode.name}`, { timeout: 180_000 }, () => stage.tell(`looks-${mode.name}`, async () => {
    assert.deepEqual(await faultsOf(mode, token, pages), [])
  }))
  test(`what somebody has in hand can be read and tapped: ${mode.name}`, { timeout: 180_000 }, () => stage.tell(`in-hand-${mode.name}`, async () => {
    for (const one of inHand) assert.deepEqual(await faultsOf(mode, one.token, one.pages), [])
  }))
}

/** Looks at every page with one person's login. */
async function faultsOf(mode, login, all) {
  const faults = []
  const page = await stage.page({ locale: mode.locale })
  const keep = { 'onetrip..locale': JSON.stringify(mode.locale), 'onetrip..elder': JSON.stringify(mode.elder), 'onetrip..token': JSON.stringify(login) }
  await page.addInitScript((values) => location.protocol.startsWith('http') && Object.entries(values).forEach(([name, value]) => localStorage.setItem(name, value)), keep)
  const been = new Set()
  for (const [name, path, { first, then } = {}] of all) {
    await page.setViewportSize(size(mode.sizes[0]))
    await first?.(page)
    await open(page, path, been)
    await then?.(page)
    for (const one of mode.sizes) {
      await page.setViewportSize(size(one))
      await page.evaluate(() => new Promise((drawn) => { requestAnimationFrame(() => requestAnimationFrame(drawn)) }))
      for (const fault of await page.evaluate(audit, { elder: mode.elder })) faults.push(`${name} at ${one[0]}: ${fault}`)
      await stage.picture(page, `page-${mode.name}-${one[0]}-${name}`)
    }
  }
  return faults
}

/** Goes to a page within the app that is there; one seen before would only be shown again, so that begins anew. */
async function open(page, path, been) {
  const [file] = path.split('?')
  if (been.size && !been.has(file)) {
    await page.evaluate((url) => {
      for (const one of document.querySelectorAll('.screen')) one.setAttribute('data-left', '')
      location.replace(`#${url}`)
    }, path)
  } else {
    await page.goto('about:blank')
    await page.goto(`${APP}/#${path}`)
    been.clear()
  }
  been.add(file)
  await page.locator('.screen:not([data-left])').first().waitFor()
  await page.locator('.bones').first().waitFor({ state: 'hidden' })
}

function size([width, height]) {
  return { width, height }
}

test('the keyboard alone reaches and presses everything', { timeout: 60_000 }, () => stage.tell('keyboard', async () => {
  const page = await stage.page({ viewport: { width: 1024, height: 800 } })
  await page.goto(`${APP}/`)
  await page.getByText('大家常办').waitFor()
  await page.getByRole('button', { name: /^EN/ }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('Often needed').waitFor()
  await page.getByRole('tab', { name: 'Services' }).focus()
  await page.keyboard.press('Space')
  await page.waitForURL(/pages\/services/)
  // The page that was opened must stand before a key means anything on it.
  await page.waitForLoadState('networkidle')
  await page.keyboard.press('Tab')
  await page.waitForFunction(() => getComputedStyle(document.activeElement).outlineStyle === 'solid', null, { timeout: 10_000 })
}))
