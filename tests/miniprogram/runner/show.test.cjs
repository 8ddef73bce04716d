/** Holding up a certificate in the compiled mini-program: covered until touched, full light, a mark that moves, no network. */
const assert = require('node:assert/strict')
const { after, test } = require('node:test')
const { rest, start } = require('./run.cjs')

const MINUTE = 60_000
const CARD = {
  id: 'c1', type: '食品经营许可证', type_key: 'food', holder: '王*', issuer: '市场监管局', number_masked: '****123456', sample: true, state: 'valid', state_text: '有效', colour: 'blue', thread_id: 't1',
  valid_from: '2026-11-01', valid_until: '2031-10-31', whose: 'own',
}
const OPENED = { card: CARD, number: '1.2.156.3005.2.NUMBER', fields: [{ label: '经营场所', value: '城关镇人民路 1 号' }], can: ['present', 'draw'], consents: [], scans: [], printed_until: null }
const { phone, show, leave, end } = start({ 'onetrip..token': 'tok' })
after(end)

/** A page that fails its test is left all the same: its timers would keep everybody waiting. */
async function opened(t) {
  const page = await show('features/certificates/pages/show', { id: 'c1' })
  t.after(() => leave(page))
  return page
}

/** A second tap at once would be the trembling of the first. */
async function touched(page) {
  await rest(400)
  await page.tapText('出示证照')
  await rest(60)
}

let online = true
let state = 'valid'
let given = 0
phone.server = ({ method, url }) => {
  if (!online) return { fail: 'request:fail' }
  if (!url.includes('/certificates/c1')) return { body: {} }
  if (method === 'GET') return { body: state === 'valid' ? OPENED : { ...OPENED, card: { ...CARD, state }, can: [] } }
  given += 1
  return { status: 201, body: { token: 'x', urls: Array.from({ length: 20 }, (_, step) => `https://gov.example/q/showing${given}step${String(step).padStart(2, '0')}`), expires_at: '', refresh_seconds: 30 } }
}
const light = () => phone.called('setScreenBrightness').at(-1)?.value
const awake = () => phone.called('setKeepScreenOn').at(-1)?.keepScreenOn
const code = (page) => page.all('qr').length

/** The phone lies locked so long: its clock goes on, the page does not. */
async function locked(page, ms) {
  page.instance.onHide()
  await rest(30)
  assert.deepEqual([light(), awake()], [-1, false], 'the light is as it was, and the phone may sleep')
  assert.equal(code(page), 0, 'covered before anybody sees it in the list of what is open')
  const true_now = Date.now
  Date.now = () => true_now() + ms
  page.instance.onShow()
  await rest(60)
}

test('what it says is covered until it is touched, and again after it was put away', async (t) => {
  const page = await opened(t)
  assert.doesNotMatch(page.text(), /NUMBER|人民路/)
  assert.match(page.text(), /••••••/)
  await page.tapText('轻触查看内容')
  assert.match(page.text(), /1\.2\.156\.3005\.2\.NUMBER.*城关镇人民路 1 号/)
  page.instance.onHide()
  page.instance.onShow()
  await rest(60)
  assert.doesNotMatch(page.text(), /NUMBER|人民路/)
})

test('ten minutes without network: locked and woken, one touch shows what is left, in full light, and then no more', async (t) => {
  const page = await opened(t)
  assert.equal(code(page), 0)
  await touched(page)
  assert.equal(code(page), 1)
  assert.deepEqual([light(), awake()], [1, true])
  const first = page.drawn(page.all('qr')[0]).find((value) => /^data:image/.test(String(value)))

  online = false
  await locked(page, 9 * MINUTE)
  assert.match(page.text(), /食品经营许可证/, 'the page itself is still there')
  await touched(page)
  assert.equal(code(page), 1)
  assert.deepEqual([light(), awake()], [1, true])
  assert.notEqual(page.drawn(page.all('qr')[0]).find((value) => /^data:image/.test(String(value))), first)

  await locked(page, 2 * MINUTE)
  await touched(page)
  assert.equal(code(page), 0, page.text())
  assert.match(page.text(), /网络/)
  online = true
  await touched(page)
  assert.equal(code(page), 1)
  assert.doesNotMatch(page.text(), /网络/)
  page.instance.onUnload()
  assert.deepEqual([light(), awake()], [-1, false], 'a page that is left gives the light back')
})

test('over the code runs a mark with the kind, the time and 样例, which no picture of it has', async (t) => {
  const page = await opened(t)
  await touched(page)
  const mark = () => page.all('mark-moves')[0].textContent
  assert.match(mark(), /食品经营许可证 · \d\d:\d\d:\d\d ?· 样例/)
  const before = mark()
  await rest(1_200)
  assert.notEqual(mark(), before)
})

test('what was taken away says what can be done, and offers nothing that would be refused', async (t) => {
  t.after(() => (state = 'valid'))
  for (const [now, why, remedies] of [['suspended', /暂时不能使用/, true], ['revoked', /已失效/, true], ['expired', /已失效/, false]]) {
    state = now
    const page = await show('features/certificates/pages/show', { id: 'c1' })
    assert.match(page.text(), why)
    assert.equal(/六十日内依法申请行政复议/.test(page.text()), remedies, now)
    assert.doesNotMatch(page.text(), /纸质证照码/)
    leave(page)
  }
})
