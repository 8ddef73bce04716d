// A result goes by post: ordered from the courier, carried there step by step, and each step is read on the phone.

import { must } from './eyes.mjs'
import { play } from './scene.mjs'
import { handOver } from './handing.mjs'
import { choose, entered, readMessage } from './receiving.mjs'
import { t } from './words.mjs'

const { receives } = JSON.parse(process.env.E2E)
const HOME = { name: '刘洋', phone: '19900000005', province: '安徽省', city: '阜阳市', county: '颍上县', street: '慎城镇样例路 3 号', usual: true }

await play('post', async (scene) => {
  scene.say('home, please')
  const person = await entered(scene, receives)
  await person.ask('/me/addresses', HOME)
  await choose(person, 'post', t('push.delivery.posted.title'))

  scene.say('granted')
  const reviewer = await scene.desk('reviewer1')
  await reviewer.page.getByRole('link', { name: t('console.cases.list.decide') }).click()
  await reviewer.page.getByRole('link', { name: receives.item }).first().click()
  await reviewer.sees(t('console.case.document'))
  await reviewer.press(t('console.case.grant'))
  await reviewer.sees(t('documents.notice.decision_granted.title'))

  scene.say('ordered from the courier')
  const clerk = await scene.desk('clerk1')
  await handOver(reviewer, clerk, receives.item, 'P-01')
  await clerk.tab(t('console.tab.parcels'))
  await clerk.see('to-send')
  await clerk.press(t('console.parcels.order'), clerk.row(receives.item).first())
  const station = await scene.page('courier', { width: 1440, height: 900 })
  await station.goto(`${scene.sandbox}/courier`)
  const parcel = station.locator('article', { hasText: HOME.street }).first()
  await parcel.waitFor({ timeout: 30_000 })
  const waybill = (await parcel.locator('.head b').innerText()).trim()
  const goes = async (step) => {
    await parcel.locator('.deeds').getByRole('button', { name: step }).click()
    await parcel.locator('.head .state', { hasText: step }).waitFor()
  }

  scene.say('collected by the courier: the message carries the waybill')
  await goes('揽收')
  await person.phone.openNotice(waybill)
  await person.phone.sees(waybill)

  scene.say('on the way, at the door, signed for')
  await goes('运输')
  await goes('派送')
  await person.open('pickup')
  await person.phone.sees(t('delivery.state.in_transit'))
  await person.phone.see('on-the-way')
  await goes('签收')
  await scene.eyes.look('courier', station)
  await readMessage(person, t('push.delivery.post_signed.title'))
  await person.open('pickup')
  await person.phone.sees(t('delivery.state.signed'))
  await person.phone.see('signed')
  await clerk.tab(t('console.tab.parcels'))
  await clerk.row(waybill).first().waitFor()
  await clerk.see('sent')
})
