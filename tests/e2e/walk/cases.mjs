// An application that is not complete: asked to mend it, accepted though a paper is to follow, and decided. One walk, told by `as`:
// in which language, in which letters, where the commitment is signed, and how it ends.

import { readFileSync } from 'node:fs'
import { apply, find, login, timeline } from './errand.mjs'
import { must } from './eyes.mjs'
import { photograph } from '../picture.mjs'
import { Browser } from './phone.mjs'
import { LARGE, play, SMALL } from './scene.mjs'

const ITEM = '高龄津贴申领'
const PHOTO = '老人近期照片'
const CARD = '老人本人的银行卡或者社会保障卡'
const BLURRED = '照片看不清，请重拍。'
const DAYS = 5
const GUIDE = JSON.parse(readFileSync(new URL('../../../server/sample/guides/06_old_age_allowance.json', import.meta.url), 'utf8'))
const ADDRESS = '颍上县慎城镇样例路 8 号'
const { as } = JSON.parse(process.env.E2E)
const REASON = as.granted ? '材料齐全，符合申领条件。' : '户籍已于今年迁出本县，不符合申领条件。'
const picture = (width) => ({ name: `${width}.png`, mimeType: 'image/png', buffer: photograph(width, 600) })

await play(`cases-${as.name}`, async (scene) => {
  const page = await scene.page('phone', SMALL, { hasTouch: true, isMobile: true })
  await page.goto(scene.base)
  const phone = new Browser(page, scene.eyes)
  const { t } = phone
  scene.eyes.knows(GUIDE, as.names, as.person, '颍上县政务服务中心（样例）', '中文', ADDRESS, BLURRED, REASON)
  await phone.sees(t('home.title'))
  if (as.elder) await phone.tap(t('home.elder'))
  await phone.see('home')

  await scene.tell('people', [{ kind: 'resident_id', name: as.person, number: as.number }])

  scene.say('applied for on the phone by somebody new, though a paper is lacking')
  await find(phone, 'gljt', ITEM)
  await phone.tap(t('catalogue.apply'))
  await phone.tap(t('identity.login.open'))
  await login(scene, phone, as.phone)
  await begin(phone)
  await phone.sees(t('thread.step.cases.submitted'))
  const number = (await phone.text()).match(/[A-Z0-9]{10,}/)[0]

  scene.say('the window asks once for what is to be mended, each line by a paper of the guide')
  const clerk = await scene.desk('clerk1', LARGE)
  await open(clerk, 'accept', number)
  await askCorrection(clerk, t)

  scene.say('the phone is told, shows what to mend, and hands in again')
  await told(phone, scene, t('push.cases.correction_asked.title'), BLURRED)
  await mend(phone)

  scene.say('accepted on a signed commitment; the paper is sent by its day, and looked at')
  await open(clerk, 'accept', number)
  await check(clerk, PHOTO, 'received')
  await (as.atWindow ? signHere(clerk, t) : signThere(clerk, phone, scene))
  await follow(phone, scene)
  await open(clerk, 'followed', number)
  await clerk.see('sent')
  await clerk.press(t('console.case.tolerance.fits'))
  await clerk.page.getByRole('button', { name: t('console.case.tolerance.fits') }).waitFor({ state: 'detached' })

  scene.say('decided, and read on the phone')
  await decide(scene, number)
  await told(phone, scene, t(`push.cases.${as.granted ? 'granted' : 'denied'}.title`))
  await phone.sees(t(`cases.state.${as.granted ? 'granted' : 'denied'}`))
  if (!as.granted) await phone.sees(REASON)
  await timeline(phone, [
    'cases.submitted', 'cases.correction_asked', 'cases.tolerated', as.granted ? 'cases.granted' : 'cases.denied',
  ])
  await phone.see('decided')
}, as.locale)

/** Prove the name, and hand in without the paper that may follow. */
async function begin(phone) {
  const { t } = phone
  await phone.tap(t('identity.realname.open'))
  await phone.write(t('identity.realname.name'), as.person)
  await phone.write(t('identity.realname.number'), as.number)
  await phone.see('real-name')
  await phone.tap(t('identity.realname.prove'))
  await apply(phone, { choices: ['暂时没有，补交材料时再填'], answers: { 现居住地址: ADDRESS }, picture: picture(500), paper: PHOTO })
}

async function open(desk, list, number) {
  await desk.page.goto(`${desk.base}/console/cases?list=${list}&q=${number}`)
  await desk.page.getByRole('link', { name: number }).first().click()
  await desk.sees(desk.t('console.case.document'))
}

/** Note of one paper what was found, and keep it. */
async function check(desk, paper, verdict, why) {
  const line = desk.page.locator('.material', { hasText: paper })
  await line.locator('select').selectOption(verdict)
  if (why) await line.locator('input').fill(why)
  await desk.press(desk.t('console.case.check.save'))
  await desk.settled()
}

async function askCorrection(clerk, t) {
  await clerk.see('handed-in')
  await check(clerk, PHOTO, 'wrong', BLURRED)
  const form = clerk.page.locator('form[action$="/ask-correction"]')
  await form.getByText(BLURRED).waitFor()
  // Nothing can be asked for that is no line of the guide.
  const [keys, loose] = [await form.locator('input[name=keys]').count(), await form.locator('textarea').count()]
  must(keys > 0 && loose === 0 && keys === await form.locator('input[name=reasons]').count(), 'a line without a paper of the guide')
  await clerk.see('to-correct')
  await form.locator('button:not([type="button"])').click()
  await clerk.sees(t('documents.notice.correction.title'))
}

/** Open the message in the inbox; it leads to where something can be done about it, or to the matter. */
async function told(phone, scene, title, there = phone.t('thread.timeline')) {
  await phone.page.goto(`${scene.base}/#/pages/inbox`)
  await phone.page.reload()
  await phone.sees(title)
  await phone.see('inbox')
  await phone.frame.getByText(title).filter({ visible: true }).first().click()
  await phone.sees(there)
}

async function mend(phone) {
  const { t } = phone
  await phone.frame.locator('.banner', { hasText: BLURRED }).getByText(PHOTO).waitFor()
  await phone.see('to-mend')
  await phone.tap(t('common.next'))
  const paper = phone.frame.locator('.paper-line', { hasText: PHOTO })
  await paper.getByText(BLURRED).waitFor()
  await paper.locator('.remove-corner').click()
  await phone.upload(picture(640), () => paper.getByRole('button', { name: t('documents.add') }).click(), t('documents.photo'))
  await paper.getByRole('button', { name: t('documents.add_more') }).waitFor()
  await phone.see('mended')
  await phone.tap(t('common.next'))
  await phone.tap(t('cases.submit_again'))
  await phone.sees(t('thread.timeline'))
}

/** Whoever stands at the window signs there, on paper. */
async function signHere(clerk, t) {
  await clerk.page.locator('summary', { hasText: t('console.case.commitment.here') }).click()
  const form = clerk.page.locator('form[action$="/tolerate"]')
  await form.locator('[name=days]').fill(String(DAYS))
  await form.locator('[name=signed]').check()
  await clerk.see('to-tolerate')
  await form.locator('button:not([type="button"])').click()
  await clerk.sees(t('documents.notice.acceptance_tolerated.title'))
}

async function signThere(clerk, phone, scene) {
  const { t } = phone
  const form = clerk.page.locator('form[action$="/offer"]')
  await form.locator('[name=days]').fill(String(DAYS))
  await clerk.see('to-offer')
  await form.locator('button:not([type="button"])').click()
  await clerk.sees(t('console.case.commitment.offered'))
  await told(phone, scene, t('push.cases.commitment_offered.title'), t('cases.commitment.agree'))
  await phone.tap(t('cases.commitment.agree'), 'checkbox')
  await phone.see('to-sign')
  await phone.tap(t('cases.commitment.sign'), 'button', { exact: true })
  await phone.sees(due(t))
}

function due(t) {
  return new RegExp(t('cases.following.due', { on: '.+' }))
}

/** The paper that was lacking, by the day that was said. */
async function follow(phone, scene) {
  const { t } = phone
  await told(phone, scene, t('push.cases.accepted.title'))
  await phone.sees(t('cases.state.accepted_with_deficiency'))
  await phone.see('accepted')
  await phone.tap(t('cases.following.go'))
  await phone.sees(CARD)
  await phone.sees(due(t))
  await phone.upload(picture(700), () => phone.tap(t('documents.add')), t('documents.photo'))
  await phone.sees(t('documents.add_more'))
  await phone.see('to-follow')
  await phone.tap(t('cases.following.send'), 'button', { exact: true })
  await phone.sees(t('cases.following.sent'))
  await phone.see('followed')
}

async function decide(scene, number) {
  const reviewer = await scene.desk('reviewer1', LARGE)
  const { t } = reviewer
  await open(reviewer, 'decide', number)
  await reviewer.press(t('console.review.claim'))
  await reviewer.see('to-decide')
  if (as.granted) {
    await reviewer.page.locator('[name=opinion]').fill(REASON)
    await reviewer.press(t('console.case.grant'))
  } else {
    await reviewer.page.locator('summary', { hasText: t('console.case.deny') }).click()
    const form = reviewer.page.locator('form[action$="/deny"]')
    await form.locator('[name=reason]').fill(REASON)
    await form.locator('button:not([type="button"])').click()
  }
  await reviewer.sees(t(`documents.notice.decision_${as.granted ? 'granted' : 'denied'}.title`))
  await reviewer.see('decided')
}
