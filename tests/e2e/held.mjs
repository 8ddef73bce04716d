/** What sample people have in hand, to look at: certificates of every standing, codes, a question that waits, results and their ways. */
import assert from 'node:assert/strict'
import { APP } from './stage.mjs'

const HOME = { province: '安徽省', city: '阜阳市', county: '颍上县' }
const ADDRESSES = [
  { ...HOME, name: '刘洋', phone: '19900000005', street: '慎城镇样例路 3 号样例小区 12 幢 2 单元 301 室', usual: true },
  { ...HOME, name: '欧阳样例', phone: '19900000099', street: '十八里铺镇样例村', usual: false },
]

/** The login of a sample person's own phone, and a way to ask in their name. */
async function own(stage, key) {
  const phone = await stage.phone(key)
  await phone.app.locator('.screen, uni-page').first().waitFor()
  const frame = phone.page.frames().find((one) => one.url().startsWith(APP))
  const token = await frame.evaluate(async (key) => {
    const held = () => JSON.parse(localStorage.getItem(`onetrip.${key}.token`))
    const good = async () => held() && (await fetch('/api/v1/me', { headers: { Authorization: `Bearer ${held()}` } })).ok
    // A phone that has just been switched on may log in anew, which ends the login before.
    for (let tries = 0; tries < 50 && !(await good()); tries += 1) await new Promise((done) => setTimeout(done, 100))
    return held()
  }, key)
  await phone.page.context().close()
  stage.pages = stage.pages.filter((page) => page !== phone.page)
  const ask = async (path, body) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }
    const answer = await fetch(`${APP}/api/v1${path}`, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) })
    assert.ok(answer.ok, `${key} ${path}: ${answer.status} ${await answer.clone().text()}`)
    return answer.json()
  }
  return { token, ask }
}

/** Pages with something on them, by whose they are. Each may have a deed `first`, before it is opened, and `then`, once it stands. */
export async function held(stage) {
  const holder = await own(stage, 'wang-fang')
  const member = await own(stage, 'liu-yang')
  const cards = await holder.ask('/certificates')
  const standing = (state) => cards.find((one) => one.state === state && one.whose === 'own')
  const soon = cards.find((one) => one.state === 'valid' && one.valid_until && one.whose === 'own')
  const [taken, gone] = [standing('suspended'), standing('revoked')]
  const { urls } = await holder.ask(`/certificates/${soon.id}/presentations`, {})
  const { check_id } = await member.ask('/certificates/checks', { token: urls[0] })
  const [{ id: enterprise_id }] = (await member.ask('/me')).enterprises
  const consent = await member.ask('/certificates/consents', { check_id, enterprise_id, purpose: '办理入职登记' })
  const paper = await holder.ask(`/certificates/${soon.id}/printed-code`, {})
  const token = new URL(paper.url).pathname.split('/').at(-1)
  const threads = await Promise.all((await holder.ask('/threads')).items.map(({ id }) => holder.ask(`/threads/${id}`)))
  const ready = threads.find((one) => one.delivery?.pickup_code)
  const [matter] = (await member.ask('/threads?state=open')).items
  if (!(await member.ask('/me/addresses')).items.length) for (const one of ADDRESSES) await member.ask('/me/addresses', one)
  return [
    {
      token: holder.token,
      pages: [
        ['wallet', '/pages/certificates'],
        ['shown', `/features/certificates/pages/show?id=${soon.id}`, { then: held_up }],
        ['suspended', `/features/certificates/pages/show?id=${taken.id}`],
        ['revoked', `/features/certificates/pages/show?id=${gone.id}`],
        ['on-paper', `/features/certificates/pages/paper?id=${soon.id}`],
        ['asked', `/features/certificates/pages/consent?id=${consent.id}`],
        ['checked', `/features/certificates/pages/check?token=${token}`],
        ['code', `/features/delivery/pages/pickup?thread=${ready.id}`],
        ['signature', `/features/delivery/pages/pickup?thread=${ready.id}`, { first: to_sign }],
      ],
    },
    {
      token: member.token,
      pages: [
        ['wallet-enterprise', '/pages/certificates'],
        ['asking', `/features/certificates/pages/consent?id=${consent.id}`],
        ['address-book', '/features/identity/pages/addresses'],
        ['address', '/features/identity/pages/addresses', { then: (page) => page.locator('.address-deeds [role=button]').first().click() }],
        ['ways', `/features/delivery/pages/choose?thread=${matter.id}`],
        ['by-post', `/features/delivery/pages/choose?thread=${matter.id}`, { then: (page) => page.getByRole('radio').last().click() }],
      ],
    },
  ]
}

/** The code on the screen, and what the certificate says uncovered below it. */
async function held_up(page) {
  await page.locator('.card').getByRole('button').first().click()
  await page.locator('.qr').first().waitFor()
  await page.locator('.covering [role=button]').click()
}

/** As the counter has it once it has looked at the document: without touching what lies there. */
async function to_sign(page) {
  await page.route('**/api/v1/threads/*', async (route) => {
    const response = await route.fetch()
    const thread = await response.json()
    await route.fulfill({ response, json: { ...thread, delivery: { ...thread.delivery, to_sign: true } } })
  })
}
