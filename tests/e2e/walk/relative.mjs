// A grandchild for a grandmother: asked and agreed to, booked, confirmed, checked in, called, rated; her own phone, in large type, knows of it.

import { audit } from '../audit.mjs'
import { pickToday, rate } from './errand.mjs'
import { must } from './eyes.mjs'
import { SandboxPhone } from './phone.mjs'
import { LARGE, play } from './scene.mjs'
import { t } from './words.mjs'

const ITEM = '社会保障卡补领'
const HALL = '颍上县政务服务中心'
const WINDOW = '综合窗口 9 号'
const MANDATES = 'features/identity/pages/mandates'
const BOOKINGS = 'features/booking/pages/list'
const { agent, person } = JSON.parse(process.env.E2E)
const masked = `${person.name[0]}*${person.name.at(-1)}`

await play('relative', async (scene) => {
  const open = async (key, path) => {
    const page = await scene.page(key, LARGE)
    const phone = new SandboxPhone(page, key, scene.eyes)
    phone.go = async (to) => {
      await page.goto(`${scene.sandbox}/?phone=${key}&path=${encodeURIComponent(to)}`)
      await phone.scanned()
    }
    await phone.go(path)
    return phone
  }
  const large = async (phone, what) => {
    const faults = await phone.frame.evaluate(audit, { elder: true })
    must(faults.length === 0, `${what}: ${faults.join(', ')}`)
  }

  scene.say('the grandchild asks, the grandmother agrees on her own phone')
  const phone = await open(agent.key, MANDATES)
  await phone.tap(t('mandates.ask.relative'), 'radio')
  await phone.write(t('identity.realname.name'), person.name)
  await phone.write(t('mandates.ask.number'), person.number)
  await phone.see('asking')
  await phone.tap(t('mandates.ask.send'), 'button', { exact: true })
  await phone.sees(t('mandates.state.asked'))
  const her = await open(person.key, MANDATES)
  await her.sees(t('mandates.card.person_asked', { agent: agent.name }))
  await large(her, 'what she is asked')
  await her.see('asked')
  await her.tap(t('mandates.card.consent'), 'button', { exact: true })
  await her.frame.locator('.uni-modal__btn_primary').click()
  await her.sees(t('mandates.state.live'))

  scene.say('booked for her, not for the one who taps')
  await phone.go('pages/home')
  await phone.tap(t('home.search'), 'link')
  await phone.write(t('home.search'), ITEM)
  await phone.frame.locator('.cell', { hasText: ITEM }).first().click()
  await phone.sees(t('catalogue.materials'))
  await pickToday(phone, HALL)
  await phone.tap(masked, 'radio')
  await phone.see('for-whom')
  await phone.tap(t('booking.book'))
  await goneOn(phone, t('booking.state.requested'))
  await phone.sees(t('booking.for', { name: masked }))

  scene.say('the hall confirms; she reads it in large type')
  const clerk = await scene.desk('clerk1')
  await clerk.tab(t('console.tab.bookings'))
  await clerk.press(t('console.bookings.confirm'), clerk.row(ITEM).filter({ hasText: masked }).filter({ hasText: t('booking.state.requested') }))
  await clerk.row(ITEM).filter({ hasText: masked }).getByText(t('booking.state.confirmed')).first().waitFor()
  await her.go(BOOKINGS)
  await her.sees(ITEM)
  await her.sees(t('booking.state.confirmed'))
  await large(her, 'her booking')
  await her.see('her-booking')

  scene.say('the grandchild scans the poster; the number is hers, and her age lets it go first')
  await phone.go(BOOKINGS)
  await phone.frame.locator('.tap', { hasText: ITEM }).filter({ visible: true }).first().click()
  await phone.tap(t('booking.check_in'))
  await phone.scans({ label: HALL })
  await phone.sees(t('queue.your_booking'))
  await phone.tap(t('queue.arrive'))
  await goneOn(phone, /^A\d{3}$/)
  await phone.sees(t('queue.green.mine'))
  await phone.sees(t('booking.for', { name: masked }))
  const number = (await phone.text()).match(/A\d{3}/)[0]
  await phone.see('her-number')

  scene.say('she scans the poster as well: the same number, and no second one')
  await her.go('pages/home')
  await her.frame.getByText(t('common.scan.title'), { exact: true }).first().click()
  await her.scans({ label: HALL })
  await her.sees(number)
  await large(her, 'a code used twice')
  await her.see('scanned-again')

  scene.say('called and served')
  await clerk.tab(t('console.tab.queue'))
  await clerk.page.locator('select[name=window]').selectOption({ label: WINDOW })
  await clerk.settled()
  await clerk.serveUntil(number)
  await clerk.sees(masked)
  await phone.sees(t('queue.go_to', { window: WINDOW }))
  for (const key of ['s', 'f']) {
    await clerk.page.keyboard.press(key)
    await clerk.settled()
  }
  await clerk.sees(t('console.rate.text'))
  await phone.sees(t('queue.done_note'))

  scene.say('rated from the phone that was there')
  await phone.scansInWeChat(await clerk.code())
  await rate(phone, { level: t('ratings.level.very_satisfied') })
})

/** Allow what WeChat asks, if it asks: what was allowed in a walk before this one is not asked again. */
async function goneOn(phone, words) {
  await Promise.any([phone.sees(words), phone.root.locator('.sheet .button.green').waitFor()])
  if (await phone.root.locator('.sheet .button.green').isVisible()) await phone.allow()
  await phone.sees(words)
}
