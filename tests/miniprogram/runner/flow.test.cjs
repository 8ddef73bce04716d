/** Whole pages of the compiled mini-program, run: a person finds, books, rates and changes the language. */
const assert = require('node:assert/strict')
const { after, test } = require('node:test')
const { rest, start } = require('./run.cjs')

const HALL = { id: 'h1', key: 'hall', name: 'Hall One', kind: 'hall', address: 'Street 1', phone: '0558-1', hours_text: '9-17', region_code: '341226', latitude: 33, longitude: 115 }
const ITEM = { id: 'i1', code: 'c', name: '身份证换领', department: '公安局', department_id: 'd', visits: 1, promise_days: 0, handling: 'instant', online: false, bookable: true, tags: [], sample: true, highlights: [[0, 3]] }
const SLOT = { id: 's1', starts_at: '2030-01-07T09:00:00+08:00', ends_at: '2030-01-07T09:30:00+08:00', free: 2, full: false }
const CONTENT = {
  sample: true, plain: 'plain words', audience: ['person'], themes: [], handling: 'instant', visits: 1, visit_reason: null, online: false, bookable: true, mail: false, legal_days: 20, promise_days: 0,
  conditions: [], steps: [], materials: [{ key: 'old', name: '旧身份证', kind: 'certificate', source: 'applicant', need: 'required', medium: 'paper', originals: 1, copies: 0, exempt: null, certificate_type: null, standards: [], note: null, when: null }],
  form: [], fees: [], basis: [], result: { name: '身份证', kind: 'certificate' }, skill: 'x', hall_keys: ['hall'], consult_phone: '1', complaint_phone: '2', hours_text: '9-17', faqs: [],
}
const TOLD = {
  ...CONTENT, conditions: ['年满十六周岁'], steps: [{ key: 'decide', name: '制证', who: '公安窗口', days: 0, what: '核对后制证' }], fees: [{ name: '工本费', amount_fen: 2000, unit: '证', basis: '某文件', when_text: null }],
  result: { name: '身份证', kind: 'certificate', sample: [{ entry: '姓名', says: '张样例' }] },
  video: { title: '换领的全过程', address: 'https://film.example/a.mp4', words: '先预约，再到窗口按指纹。' },
  cancelled: ['shared', 'no_basis', 'commitment', 'certificate'].map((why) => ({ name: `证明 ${why}`, why, instead: `改为 ${why}` })),
}
const BOOKING = {
  id: 'b1', thread_id: 't1', number: '34122626', item: ITEM, hall: HALL, person: '王*', starts_at: SLOT.starts_at, ends_at: SLOT.ends_at, state: 'requested', state_text: '待大厅确认', code: 'AbCdEfGhIjKlMnOpQrStUv',
  declined_reason: null, bring: [], can: ['cancel'], cancel_until: SLOT.starts_at, ask: [],
}
const ME = { account_id: 'a', phone: null, consent: { version: '1', given_at: '2026-11-01T09:00:00+08:00' }, privacy_version: '1', person: { id: 'p', name: '王*', document: '3412****', document_kind: 'resident_id', birth_date: null, is_elder: false }, enterprises: [], represents: [], sessions: [], locale: 'zh-CN', elder_mode: false }
const LEVELS = ['very_satisfied', 'dissatisfied'].map((level, n) => ({ level, stars: 5 - n, text: ['非常满意', '不满意'][n], tags: [{ code: '101', text: '态度差', shown: true }] }))

const ANSWERS = {
  'POST /login/wechat': { token: 'tok', me: ME },
  'GET /home': { hot: [ITEM], themes: [], halls: [HALL], threads: [], next_booking: null, unread: 2 },
  'GET /items/i1': { item: ITEM, department: { name: '公安局', phone: null }, guide_id: 'g', version: 1, content: CONTENT, halls: [HALL], templates: { book: ['tmpl-1'], apply: [] }, crowds: [], coming: null, live: null, can: ['book'] },
  'GET /items/i2': { item: { ...ITEM, id: 'i2' }, department: { name: '公安局', phone: null }, guide_id: 'g2', version: 3, content: TOLD, halls: [HALL], templates: { book: [], apply: [] }, crowds: [{ hall_id: 'h1', waiting: 3, wait: null, level: 'some', enough: false, quiet: [] }], coming: null, live: null, can: ['book'] },
  'GET /items/i3': { item: { ...ITEM, id: 'i3', visits: 0 }, department: { name: '公安局', phone: null }, guide_id: 'g3', version: 1, content: { ...TOLD, visits: 0 }, halls: [HALL], templates: { book: [], apply: [] }, crowds: [{ hall_id: 'h1', waiting: 3, wait: null, level: 'some', enough: false, quiet: [] }], coming: null, live: null, can: ['book'] },
  'GET /availability': { hall_id: 'h1', item_id: 'i1', days: [{ date: '2030-01-07', open: true, free: 2, slots: [SLOT] }] },
  'GET /me': ME,
  'GET /inbox/unread': { count: 2 },
  'POST /bookings': BOOKING,
  'GET /bookings/b1': BOOKING,
  'GET /ratings/form': { title: '身份证换领', subject: 'visit', subject_text: '本次到窗口', department: '公安局', levels: LEVELS, given: null, longest_words: 150 },
  'POST /ratings': { id: 'r', level: 'dissatisfied', rectification: { due_on: '2030-01-14' } },
  'GET /codes/AbCdEfGhIjKlMnOpQrStUv': { kind: 'rating', page: '/features/ratings/pages/rate?token=AbCdEfGhIjKlMnOpQrStUv', notice: null },
}

const { phone, show, leave, end } = start()
after(end)
phone.server = ({ method, url }) => {
  const key = `${method} ${new URL(url, 'http://x').pathname.replace('/api/v1', '')}`
  return key in ANSWERS ? { body: ANSWERS[key] } : { status: 404, body: { code: 'not_found', detail: key } }
}
const sent = (path) => phone.asked.filter((one) => `${one.method} ${new URL(one.url, 'http://x').pathname}` === path)

test('home greets, logs in by itself and shows what there is', async () => {
  const home = await show('pages/home')
  await rest(100)
  assert.match(home.text(), /身份证换领/)
  assert.match(home.text(), /公安局/)
  assert.equal(sent('POST /api/v1/login/wechat').length, 1)
  assert.equal(sent('GET /api/v1/home')[0].header.Authorization, 'Bearer tok')
  assert.equal(phone.called('setNavigationBarTitle').at(-1).title, '只跑一次')

  await home.tap('item')
  assert.equal(phone.called('navigateTo').at(-1).url, '/features/catalogue/pages/guide?id=i1')
  await leave(home)
})

test('the guide leads to the hall’s times, and the hall to a booking', async () => {
  const guide = await show('features/catalogue/pages/guide', { id: 'i1' })
  assert.match(guide.text(), /旧身份证/)
  await guide.tapText('预约办理')
  assert.equal(phone.called('navigateTo').at(-1).url, '/features/booking/pages/pick?item=i1&hall=h1')

  const before = sent('GET /api/v1/items/i1').length
  const pick = await show('features/booking/pages/pick', { item: 'i1', hall: 'h1' })
  assert.equal(sent('GET /api/v1/items/i1').length, before, 'what the guide showed is not asked again')
  phone.answers.requestSubscribeMessage = { 'tmpl-1': 'accept' }
  await pick.tap('slot')
  await pick.tapText('旧身份证')
  await pick.tapText('提交预约')
  await rest(100)
  const [booked] = sent('POST /api/v1/bookings')
  assert.match(booked.header['Idempotency-Key'], /^[a-z0-9]{24}$/)
  assert.deepEqual({ ...booked.data, subscriptions: undefined }, { item_id: 'i1', slot_id: 's1', ticked: ['old'], for_person_id: null, enterprise_id: null, hold: false, subscriptions: undefined })
  assert.deepEqual(booked.data.subscriptions.results, [{ template_id: 'tmpl-1', outcome: 'accept' }])
  assert.equal(phone.called('redirectTo').at(-1).url, '/features/booking/pages/detail?id=b1')
  await leave(pick)
  await leave(guide)
})

test('the guide answers at a glance, before anything is opened', async () => {
  const guide = await show('features/catalogue/pages/guide', { id: 'i2' })
  const asked = guide.all('answer').map((one) => one.textContent.replace(/\s+/g, ' ').trim())
  for (const [question, answer] of [['带什么', /1 ?份/], ['办多久', /当场/], ['多少钱', /20 ?元/], ['到哪里办', /1 ?个/], ['现在忙不忙', /3 ?人/], ['跑几次', /只跑一次/]]) {
    const found = asked.find((one) => one.startsWith(question))
    assert.match(found ?? asked.join(' | '), answer, question)
  }
  await leave(guide)
  // Whoever need not come may come all the same.
  const free = await show('features/catalogue/pages/guide', { id: 'i3' })
  const said = free.all('answer').map((one) => one.textContent.replace(/\s+/g, ' ').trim())
  assert.ok(said.some((one) => /^现在忙不忙.*3 ?人/.test(one)), said.join(' | '))
  await leave(free)
})

test('the guide is told in plain words, in pictures, as a film and in full', async () => {
  const guide = await show('features/catalogue/pages/guide', { id: 'i2' })
  const seen = () => ({ plain: guide.all('way-plain').length, picture: guide.all('panel').length, video: guide.all('way-video').length, full: /版本 ?3|第 ?3 ?版/.test(guide.text()) ? 1 : 0 })
  assert.deepEqual(seen(), { plain: 0, picture: 0, video: 0, full: 1 })
  await guide.tapText('白话版')
  assert.deepEqual(seen(), { plain: 1, picture: 0, video: 0, full: 0 })
  assert.match(guide.all('way-plain')[0].textContent, /plain words/)
  await guide.tapText('图例版')
  assert.deepEqual(seen(), { plain: 0, picture: 6, video: 0, full: 0 })
  const panels = guide.all('panel').map((one) => one.textContent)
  for (const [at, words] of [/年满十六周岁/, /旧身份证/, /9-17/, /工本费.*20/, /当场/, /身份证/].entries()) assert.match(panels[at], words)
  assert.ok(guide.drawn(guide.all('flow')[0]).some((value) => /\/guides\/g2\/flow\.svg$/.test(String(value))))
  await guide.tapText('视频版')
  assert.deepEqual(seen(), { plain: 0, picture: 0, video: 1, full: 0 })
  assert.ok(guide.drawn(guide.all('way-video')[0]).includes(TOLD.video.address))
  assert.match(guide.text(), /换领的全过程.*先预约，再到窗口按指纹。/)
  await guide.tapText('详细版')
  assert.deepEqual(seen(), { plain: 0, picture: 0, video: 0, full: 1 })
  await leave(guide)

  const filmless = await show('features/catalogue/pages/guide', { id: 'i1' })
  assert.match(filmless.text(), /图例版/)
  assert.doesNotMatch(filmless.text(), /视频版/, 'no film, no way to it')
  await leave(filmless)
})

test('the guide shows what comes out, as a sample', async () => {
  const guide = await show('features/catalogue/pages/guide', { id: 'i2' })
  await guide.tapText('办理流程')
  await guide.tapText('看看结果样本')
  assert.ok(guide.drawn(guide.all('guide-form')[0]).some((value) => /\/guides\/g2\/result\.svg$/.test(String(value))))
  await leave(guide)
  const none = await show('features/catalogue/pages/guide', { id: 'i1' })
  await none.tapText('办理流程')
  assert.doesNotMatch(none.text(), /看看结果样本/)
  await leave(none)
})

test('the guide says why each proof was cancelled, and what stands for it', async () => {
  const guide = await show('features/catalogue/pages/guide', { id: 'i2' })
  assert.doesNotMatch(guide.text(), /证明 shared/, 'folded until somebody looks')
  await guide.tapText('这些证明不用再开')
  for (const [why, words] of [['shared', '联网核验，已取消'], ['no_basis', '没有法律法规依据，已取消'], ['commitment', '改为书面承诺，已取消'], ['certificate', '凭现有证照办理，已取消']]) {
    assert.match(guide.text(), new RegExp(`证明 ${why} ?${words} ?改为 ${why}`))
  }
  await leave(guide)
  const none = await show('features/catalogue/pages/guide', { id: 'i1' })
  assert.doesNotMatch(none.text(), /这些证明不用再开/)
  await leave(none)
})

test('the booking shows its code as a picture', async () => {
  const detail = await show('features/booking/pages/detail', { id: 'b1' })
  const picture = detail.all('qr')[0]
  assert.ok(picture, detail.text())
  assert.ok(detail.drawn(picture).some((value) => /^data:image\/svg\+xml/.test(String(value))))
  assert.match(detail.text(), /待大厅确认/)
  await leave(detail)
})

test('a scanned code opens its page', async () => {
  phone.answers.scanCode = { result: 'https://gov.example/q/AbCdEfGhIjKlMnOpQrStUv' }
  const home = await show('pages/home')
  await rest(100)
  await home.tapText('扫一扫')
  await rest(50)
  assert.equal(phone.called('navigateTo').at(-1).url, '/features/codes/pages/open?token=AbCdEfGhIjKlMnOpQrStUv')
  const open = await show('features/codes/pages/open', { q: encodeURIComponent('https://gov.example/q/AbCdEfGhIjKlMnOpQrStUv') })
  await rest(50)
  assert.equal(phone.called('redirectTo').at(-1).url, '/features/ratings/pages/rate?token=AbCdEfGhIjKlMnOpQrStUv')
  await leave(open)
  await leave(home)
})

test('a bad rating is as easy as a good one', async () => {
  const rate = await show('features/ratings/pages/rate', { token: 'AbCdEfGhIjKlMnOpQrStUv' })
  await rate.tap('level', 1)
  await rate.tapText('态度差')
  await rate.tapText('提交评价')
  await rest(100)
  assert.deepEqual(sent('POST /api/v1/ratings')[0].data, { token: 'AbCdEfGhIjKlMnOpQrStUv', level: 'dissatisfied', tags: ['101'], words: '', via: 'mobile', pictures: [], secret: '' })
  assert.match(rate.text(), /2030年1月14日/)
  await leave(rate)
})

test('another language changes every open page, its tabs and its title', async () => {
  const home = await show('pages/home')
  await rest(100)
  const me = await show('pages/me')
  await rest(100)
  await me.tapText('English')
  await rest(100)
  assert.match(me.text(), /Me/)
  assert.match(home.text(), /Messages/)
  assert.equal(phone.called('setNavigationBarTitle').at(-1).title, 'Me')
  await me.tapText('简体中文')
  await rest(100)
  assert.match(home.text(), /消息/)
  await leave(me)
  await leave(home)
})

test('elder mode is a large home with a button to call', async () => {
  const home = await show('pages/home')
  await rest(100)
  await home.tapText('长辈版')
  await rest(100)
  assert.equal(home.all('elder').length, 1)
  assert.ok(home.all('doors-big').length === 1)
  await home.tapText('电话咨询')
  assert.equal(phone.called('makePhoneCall').at(-1).phoneNumber, '0558-1')
  const guide = await show('features/catalogue/pages/guide', { id: 'i2' })
  assert.equal(guide.all('way-plain').length, 1, 'the guide begins with its plain words')
  await leave(guide)
  await leave(home)
})
