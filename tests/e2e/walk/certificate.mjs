// A certificate is held up, scanned by an enterprise's camera, asked for in full, allowed, read once, and both know of it.

import { cameraFlags, pointAt } from './camera.mjs'
import { login } from './errand.mjs'
import { must } from './eyes.mjs'
import { Browser } from './phone.mjs'
import { play, SMALL } from './scene.mjs'
import { t } from './words.mjs'

const PURPOSE = '办理入职登记'
const { film, company, person } = JSON.parse(process.env.E2E)

await play('certificate', async (scene) => {
  scene.say('an enterprise’s clerk, in a browser with a camera')
  const page = await scene.page('clerk', SMALL, { hasTouch: true, isMobile: true })
  await page.goto(`${scene.base}/#/features/identity/pages/login`)
  const clerk = new Browser(page, scene.eyes)
  await login(scene, clerk, company.phone)
  await clerk.sees(t('home.popular'))

  scene.say('held up')
  const own = await scene.page('holder', SMALL, { hasTouch: true, isMobile: true })
  const holder = new Browser(own, scene.eyes)
  await own.goto(`${scene.base}/#/features/identity/pages/login`)
  await login(scene, holder, person.phone)
  await holder.sees(t('home.popular'))
  await own.goto(`${scene.base}/#/pages/certificates`)
  await holder.frame.locator('.paper').first().click()
  await holder.sees(t('certificates.content'))
  must(!(await holder.text()).includes(person.name), 'what it says is not covered')
  await holder.tap(t('certificates.present'))
  await holder.sees(t('certificates.let_scan'))
  const mark = holder.frame.locator('.mark-moves')
  const place = () => mark.evaluate((one) => getComputedStyle(one).transform)
  const before = await place()
  await holder.see('held-up')
  must(before !== await place(), 'the mark does not move')

  scene.say('scanned: one screen says yes, and no more than anybody may know')
  pointAt(film, await holder.frame.locator('.qr').screenshot())
  await page.goto(`${scene.base}/#/features/codes/pages/scan`)
  await clerk.tap(t('common.scan.camera'))
  await clerk.sees(t('certificates.check.valid'))
  await clerk.see('checked')

  scene.say('asked for more, with a purpose')
  await clerk.write(t('certificates.consent.purpose'), PURPOSE)
  await clerk.tap(t('certificates.consent.send'))
  await clerk.sees(t('certificates.consent.waiting'))
  await clerk.see('asked')

  scene.say('the holder is told, reads who and why, and agrees')
  await own.goto(`${scene.base}/#/pages/inbox`)
  await holder.frame.getByText(t('push.certificates.consent_asked.title')).first().click()
  await holder.sees(PURPOSE)
  await holder.see('who-and-why')
  await holder.tap(t('certificates.consent.agree'), 'button', { exact: true })
  await holder.sees(t('certificates.consent.state.given'))

  scene.say('read, once')
  await clerk.tap(t('certificates.consent.read'))
  await clerk.sees(t('certificates.consent.only_once'))
  must((await clerk.text()).includes(t('certificates.content')), 'nothing can be read')
  await clerk.see('read')
  await page.reload()
  await clerk.sees(t('certificates.consent.state.read'))
  must(await page.getByRole('button', { name: t('certificates.consent.read') }).count() === 0, 'it can be read again')

  scene.say('the holder reads who looked, when and why')
  await holder.sees(t('certificates.consent.state.read'))
  await own.goto(`${scene.base}/#/pages/certificates`)
  await holder.frame.locator('.paper').filter({ visible: true }).first().click()
  await holder.sees(t('certificates.consent.title'))
  const log = holder.frame.locator('.cell', { hasText: PURPOSE }).filter({ visible: true }).first()
  await log.getByText(t('certificates.consent.state.read')).waitFor()
  must(/\d{1,2}:\d{2}/.test(await log.innerText()), 'the log does not say when')
  await holder.see('log')
}, 'zh-CN', cameraFlags(film))
