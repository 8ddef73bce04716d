// The same matter without WeChat: an elder's phone with a plain browser, and the desk on a small screen. No visit needed.

import { apply, find, login, rate, sms, timeline } from './errand.mjs'
import { must } from './eyes.mjs'
import { photograph } from '../picture.mjs'
import { Browser } from './phone.mjs'
import { LARGE, play, SMALL } from './scene.mjs'
import { signOnPad } from './handing.mjs'
import { t } from './words.mjs'

const ITEM = '老年优待证办理'
const HALL = '颍上县政务服务中心'
const { elder } = JSON.parse(process.env.E2E)
const picture = { name: 'me.png', mimeType: 'image/png', buffer: photograph(295, 413) }

await play('in-browser', async (scene) => {
  const page = await scene.page('phone', SMALL, { hasTouch: true, isMobile: true })
  await page.goto(scene.base)
  const phone = new Browser(page, scene.eyes)
  await phone.sees(t('home.popular'))
  await phone.see('home')

  scene.say('found by the first letters of its name; read without logging in')
  await find(phone, 'lnydz', ITEM)

  scene.say('log in by a code sent to the telephone, and apply')
  await phone.tap(t('catalogue.apply'))
  await phone.tap(t('identity.login.open'))
  await login(scene, phone, elder.phone)
  await apply(phone, { choices: [], answers: {}, picture, hall: HALL, method: 'counter' })
  await phone.sees(t('thread.step.cases.submitted'))
  await phone.see('submitted')

  scene.say('accepted and decided at once, at a desk with a small screen')
  const clerk = await scene.desk('clerk1', SMALL)
  await clerk.see('bookings')
  await clerk.tab(t('console.tab.cases'))
  await clerk.see('cases')
  await clerk.page.getByRole('link', { name: ITEM }).first().click()
  await clerk.sees(t('console.case.document'))
  await clerk.see('case')
  await clerk.press(t('console.case.accept'))
  await clerk.sees(t('documents.notice.acceptance.title'))
  const reviewer = await scene.desk('reviewer1', SMALL)
  await reviewer.page.getByRole('link', { name: t('console.cases.list.decide') }).click()
  await reviewer.page.getByRole('link', { name: ITEM }).first().click()
  await reviewer.sees(t('console.case.document'))
  await reviewer.see('to-decide')
  await reviewer.press(t('console.case.grant'))
  await reviewer.sees(t('documents.notice.decision_granted.title'))
  await reviewer.see('granted')

  scene.say('ready: an SMS says so, and the inbox')
  await clerk.tab(t('console.tab.results'))
  const row = clerk.row(ITEM).first()
  await row.getByLabel(t('console.results.shelf')).fill('B-01')
  await clerk.press(t('console.results.ready'), row)
  await clerk.sees('B-01')
  await clerk.see('results')
  must((await sms(scene, elder.phone, ITEM)).includes(ITEM), 'no SMS says what is ready')
  await page.goto(`${scene.base}/#/pages/inbox`)
  await phone.sees(ITEM)
  await phone.see('inbox')
  await page.goto(`${scene.base}/#/pages/certificates`)
  await phone.sees('老年优待证')
  await phone.see('certificates')
  await page.goto(`${scene.base}/#/features/thread/pages/list`)
  await phone.frame.locator('.tap', { hasText: ITEM }).filter({ visible: true }).first().click()
  await phone.frame.locator('.cell', { hasText: t('delivery.state.ready_to_collect') }).click()
  await phone.sees(t('delivery.code'))
  await phone.see('pickup')
  const code = (await phone.frame.locator('.pickup-code').innerText()).trim()

  scene.say('handed over, and rated by the QR on the desk')
  await clerk.page.getByLabel(t('console.results.code')).fill(code)
  await clerk.press(t('console.results.find'))
  await signOnPad(clerk)
  await clerk.sees(t('console.rate.text'))
  await clerk.see('handed-over')
  const stranger = await scene.page('rater', SMALL, { isMobile: true })
  await stranger.goto(await clerk.code())
  await rate(new Browser(stranger, scene.eyes), { level: t('ratings.level.very_satisfied') })

  scene.say('on a large screen, and in large letters')
  await page.setViewportSize(LARGE)
  await page.goto(scene.base)
  await phone.sees(t('home.title'))
  await phone.sees(t('home.standard'))
  await phone.see('home-large')
  await page.goto(`${scene.base}/#/features/thread/pages/list`)
  await phone.tap(t('thread.list.closed'), 'radio').catch(() => phone.tap(t('thread.list.closed'), 'tab'))
  await phone.frame.locator('.tap', { hasText: ITEM }).filter({ visible: true }).first().click()
  await timeline(phone, [
    'cases.submitted', 'cases.accepted', 'cases.granted', 'certificates.issued', 'delivery.preparing',
    'delivery.ready_to_collect', 'delivery.collected', 'thread.closed', 'ratings.given',
  ])
  await phone.see('whole-matter-large')
})
