// A mother collects what is her daughter's: the counter sees by what right, she signs on her own phone, the matter says so.

import { must } from './eyes.mjs'
import { SandboxPhone } from './phone.mjs'
import { play } from './scene.mjs'
import { t } from './words.mjs'

const AGENT = 'wang-fang'
const { agent, child, item } = JSON.parse(process.env.E2E)

await play('mandate', async (scene) => {
  scene.say('what lies there for her daughter, on the mother’s phone')
  const page = await scene.page('phone', { width: 1440, height: 1000 })
  await page.goto(`${scene.sandbox}/?phone=${AGENT}&path=features%2Fthread%2Fpages%2Flist`)
  const phone = new SandboxPhone(page, AGENT, scene.eyes)
  await phone.scanned()
  await phone.frame.locator('.tap', { hasText: item }).filter({ visible: true }).first().click()
  await phone.frame.locator('.cell', { hasText: t('delivery.state.ready_to_collect') }).click()
  await phone.sees(t('delivery.code'))
  await phone.see('pickup')
  const code = (await phone.frame.locator('.pickup-code').innerText()).replace(/\s/g, '')

  scene.say('her own document is looked at, not the child’s')
  const clerk = await scene.desk('clerk1')
  await clerk.tab(t('console.tab.results'))
  await clerk.page.getByLabel(t('console.results.code')).fill(code)
  await clerk.page.keyboard.press('Enter')
  await clerk.sees(child)
  await clerk.page.getByRole('radio', { name: `${agent} · ${t('delivery.taker.guardian')}` }).check()
  await clerk.see('who-takes-it')
  await clerk.press(t('console.results.checked'))
  await clerk.page.locator('canvas.pad').waitFor()

  scene.say('signed on her own phone; the desk goes on by itself')
  await phone.sees(t('delivery.sign.title'))
  const pad = phone.frame.locator('.signature').filter({ visible: true }).first()
  await pad.scrollIntoViewIfNeeded()
  const { x, y, width, height } = await pad.boundingBox()
  await page.mouse.move(x + width * 0.2, y + height * 0.5)
  await page.mouse.down()
  for (let n = 1; n <= 12; n += 1) await page.mouse.move(x + width * (0.2 + n * 0.05), y + height * (n % 2 ? 0.7 : 0.3))
  await page.mouse.up()
  await phone.see('signed')
  await phone.tap(t('delivery.sign.send'))
  await clerk.page.locator('p.done').waitFor()
  await clerk.see('handed-over')

  scene.say('the matter says who took it')
  await page.goto(`${scene.sandbox}/?phone=${AGENT}&path=features%2Fthread%2Fpages%2Flist`)
  await phone.scanned()
  await phone.tap(t('thread.list.closed'), 'radio').catch(() => phone.tap(t('thread.list.closed'), 'tab'))
  await phone.frame.locator('.tap', { hasText: item }).filter({ visible: true }).first().click()
  await phone.sees(t('thread.step.delivery.collected_by_agent'))
  must(!(await phone.text()).includes(code), 'the code is still shown')
  await phone.see('matter')
})
