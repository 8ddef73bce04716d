// A result goes into a locker: the phone says which and how, its code opens one door once, and the matter is closed.

import { must } from './eyes.mjs'
import { play } from './scene.mjs'
import { choose, entered, readMessage } from './receiving.mjs'
import { t } from './words.mjs'

const { receives } = JSON.parse(process.env.E2E)

await play('locker', async (scene) => {
  scene.say('into a locker, please')
  const person = await entered(scene, receives)
  await choose(person, 'locker', t('push.delivery.in_locker.title'))

  scene.say('put in by the window')
  const clerk = await scene.desk('clerk1')
  await clerk.tab(t('console.tab.lockers'))
  await clerk.see('lockers')
  await clerk.press(t('console.lockers.place'), clerk.page.locator('div.row', { hasText: receives.item }).first())
  await clerk.page.locator('p.done').waitFor()
  await clerk.see('put-in')
  const wall = await scene.page('locker', { width: 1440, height: 900 })
  await wall.goto(`${scene.sandbox}/lockers`)
  const open = wall.locator('.door.open')
  await open.getByRole('button').click()
  await open.waitFor({ state: 'detached' })

  scene.say('told, and collected with the code')
  const { phone } = person
  await phone.openNotice('领取通知')
  await phone.sees(receives.item)
  await person.open('pickup')
  await phone.sees(t('delivery.locker_code'))
  await phone.see('code')
  const code = (await phone.frame.locator('.pickup-code').innerText()).replace(/\s/g, '')
  const type = async (figures) => {
    for (const figure of [...figures, '✓']) {
      await wall.locator('.keypad').getByRole('button', { name: figure, exact: true }).first().click()
      // The wall is drawn anew after every key.
      await wall.waitForTimeout(150)
    }
    return wall.locator('.said').first().innerText()
  }
  const wrong = `${code.slice(0, -1)}${(Number(code.at(-1)) + 1) % 10}`
  must(!/已打开/.test(await type(wrong)) && await open.count() === 0, 'a wrong code opens a door')
  must(/已打开/.test(await type(code)), 'the code opens nothing')
  await scene.eyes.look('open-door', wall)
  await open.getByRole('button').click()
  await open.waitFor({ state: 'detached' })
  must(!/已打开/.test(await type(code)), 'a code opens twice')

  scene.say('collected: the matter is closed, and may be rated')
  await person.open('pickup')
  await phone.sees(t('delivery.state.collected'))
  await phone.see('collected')
  await readMessage(person, t('push.delivery.collected.title'))
})
