// The whole matter once: a first-time user in WeChat, and the desk of the county hall. It ends with one star.

import { apply, becomeKnown, find, pickToday, rate, timeline } from './errand.mjs'
import { must } from './eyes.mjs'
import { photograph } from '../picture.mjs'
import { SandboxPhone } from './phone.mjs'
import { LARGE, play } from './scene.mjs'
import { handOver, signOnPad } from './handing.mjs'
import { t } from './words.mjs'

const ITEM = '社会保障卡申领'
const HALL = '颍上县政务服务中心'
const { person } = JSON.parse(process.env.E2E)
const picture = { name: 'me.png', mimeType: 'image/png', buffer: photograph(358, 441) }

await play('in-wechat', async (scene) => {
  const page = await scene.page('phones', LARGE)
  await page.goto(`${scene.sandbox}/?phone=${person.key}`)
  const phone = new SandboxPhone(page, person.key, scene.eyes)
  await phone.start()
  await phone.sees(t('home.popular'))
  await phone.see('home')

  scene.say('search and guide')
  await find(phone, '社保卡', ITEM)

  scene.say('book a visit today, which asks for consent, number and name first')
  await pickToday(phone, HALL)
  await becomeKnown(phone, person.name, person.number)
  await phone.tap(t('booking.book'))
  await phone.allow()
  await phone.sees(t('booking.state.requested'))
  await phone.see('requested')

  scene.say('the desk confirms')
  const clerk = await scene.desk('clerk1')
  await clerk.tab(t('console.tab.bookings'))
  await clerk.sees(ITEM)
  await clerk.see('bookings')
  await clerk.press(t('console.bookings.confirm'), clerk.row(ITEM).last())
  await clerk.row(ITEM).last().getByText(t('booking.state.confirmed')).waitFor()

  scene.say('WeChat tells; the phone checks in by the poster in the hall')
  await phone.openNotice('预约结果通知')
  await phone.sees(t('booking.state.confirmed'))
  await phone.see('confirmed')
  await phone.tap(t('booking.check_in'))
  await phone.scans({ label: HALL })
  await phone.sees(t('queue.welcome'))
  await phone.tap(t('queue.arrive'))
  await phone.allow()
  await phone.sees(/^A\d{3}$/)
  const number = (await phone.text()).match(/A\d{3}/)[0]
  await phone.see('ticket')

  scene.say('called and served at window 8')
  await clerk.tab(t('console.tab.queue'))
  await clerk.page.locator('select[name=window]').selectOption({ label: '综合窗口 8 号' })
  await clerk.sees('综合窗口 8 号')
  await clerk.press(t('console.queue.next'))
  await clerk.sees(number)
  await clerk.see('called')
  await phone.sees(t('queue.go_to', { window: '综合窗口 8 号' }))
  await phone.see('called')
  await clerk.press(t('console.queue.start'))
  await clerk.settled()
  await clerk.press(t('console.queue.finish'))
  await clerk.sees(t('console.rate.text'))
  await clerk.see('served')

  scene.say('apply, with one picture')
  await phone.tap(t('queue.afterwards'))
  await phone.sees(t('thread.step.booking.served'))
  await phone.see('served')
  await again(phone)
  await phone.tap(t('catalogue.apply'))
  await apply(phone, { choices: ['已满十六周岁', '农业银行'], answers: { 通信地址: '颍上县慎城镇样例路 2 号' }, picture, hall: HALL })
  await phone.allow()
  await phone.sees(t('thread.step.cases.submitted'))
  await phone.see('submitted')

  scene.say('accepted at the desk, with a notice')
  await clerk.tab(t('console.tab.cases'))
  await clerk.see('cases')
  await clerk.page.getByRole('link', { name: ITEM }).first().click()
  await clerk.sees(t('console.case.document'))
  await clerk.see('case')
  await clerk.press(t('console.case.accept'))
  await clerk.sees(t('documents.notice.acceptance.title'))
  await clerk.see('accepted')
  await paper(clerk)
  // What was allowed at the taps before carries what comes now; the page says so.
  await phone.openNotice('已受理')
  await phone.sees(t('thread.step.cases.accepted'))
  await phone.sees(new RegExp([t('push.reach.wechat'), t('push.cases.granted.title'), t('push.delivery.ready_to_collect.title')].join('.*')))
  await phone.see('accepted')

  scene.say('granted by the department')
  const reviewer = await scene.desk('reviewer1')
  await reviewer.page.getByRole('link', { name: t('console.cases.list.decide') }).click()
  await reviewer.page.getByRole('link', { name: ITEM }).first().click()
  await reviewer.sees(t('console.case.document'))
  await reviewer.see('to-decide')
  await reviewer.press(t('console.case.grant'))
  await reviewer.sees(t('documents.notice.decision_granted.title'))
  await reviewer.see('granted')

  scene.say('the certificate is there, and another phone checks it')
  await phone.openNotice('办结通知')
  await phone.sees(t('thread.step.certificates.issued'))
  await phone.see('granted')
  await certificate(scene, phone)

  scene.say('ready to collect, and handed over against the code')
  await handOver(reviewer, clerk, ITEM, 'A-03')
  await clerk.tab(t('console.tab.results'))
  await clerk.sees('A-03')
  await clerk.see('results')
  await phone.openNotice(/可以领取|领取通知/)
  await phone.frame.locator('.cell', { hasText: t('delivery.state.ready_to_collect') }).click()
  await phone.sees(t('delivery.code'))
  await phone.see('pickup')
  const code = (await phone.frame.locator('.pickup-code').innerText()).trim()
  await clerk.page.getByLabel(t('console.results.code')).fill(code)
  await clerk.press(t('console.results.find'))
  await signOnPad(clerk)
  await clerk.sees(t('console.rate.text'))
  await clerk.see('handed-over')

  scene.say('one star, by the QR on the desk')
  await phone.scansInWeChat(await clerk.code())
  await rate(phone, { level: t('ratings.level.very_dissatisfied'), tag: /./, words: '排队太久' })
  const manager = await scene.desk('manager1')
  await manager.tab(t('console.tab.rectifications'))
  await manager.sees('排队太久')
  await manager.sees(t('console.rectifications.left', { days: 7 }))
  await manager.see('rectification')

  scene.say('one number, one timeline')
  await phone.tap(t('common.home'))
  await phone.tap(t('home.door.progress'))
  await phone.tap(t('thread.list.closed'), 'tab').catch(() => phone.tap(t('thread.list.closed'), 'radio'))
  await phone.frame.locator('.tap', { hasText: ITEM }).filter({ visible: true }).first().click()
  await timeline(phone, [
    'booking.requested', 'booking.confirmed', 'booking.checked_in', 'queue.called', 'booking.served', 'cases.submitted',
    'cases.accepted', 'cases.granted', 'certificates.issued', 'delivery.preparing', 'delivery.handed_to_window', 'delivery.ready_to_collect',
    'delivery.collected', 'thread.closed', 'ratings.given', 'ratings.rectification_opened',
  ])
  await phone.see('whole-matter')
})

/** Back to the guide, by looking for it again. */
async function again(phone) {
  await phone.page.locator(`#phone-${phone.key} .capsule button`).last().click()
  await phone.start()
  await phone.sees(t('home.popular'))
  await phone.see('home-again')
  await find(phone, 'shbzk', ITEM)
}

async function paper(clerk) {
  const link = clerk.page.getByRole('link', { name: t('documents.notice.acceptance.title') })
  const answer = await clerk.page.context().request.get(new URL(await link.getAttribute('href'), clerk.base).href)
  must((await answer.body()).subarray(0, 5).toString() === '%PDF-', 'the notice is no PDF')
}

async function certificate(scene, phone) {
  await phone.frame.locator('.paper').first().click()
  await phone.tap(t('certificates.present'))
  await phone.sees(t('certificates.let_scan'))
  await phone.see('certificate')
  const other = new SandboxPhone(phone.page, 'wang-fang', scene.eyes)
  await other.root.scrollIntoViewIfNeeded()
  await other.root.locator('.wechat-bar button').filter({ visible: true }).last().click()
  await other.root.locator('.scan-code', { hasText: '社会保障卡' }).first().click()
  await other.scanned()
  await other.sees(t('certificates.check.valid'))
  await other.see('checked')
}
