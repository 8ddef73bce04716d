/** A supervisor's own phone becomes the test person of a walk and is its owner's again, by leaving and by the walk's end. */
import { after, before, test } from 'node:test'
import { Stage } from './stage.mjs'

const WALKS = /测试人员 · WALK-\d+/

let stage
before(async () => { stage = await Stage.open() }, { timeout: 60_000 })
after(async () => stage?.end())

/** Shows a code on the page of the walk, and the phone scans it. */
async function lend(desk, phone) {
  await desk.press(/登录码/)
  await desk.page.locator('figure.code img').waitFor()
  await phone.tab('首页')
  await phone.scanShown('走流程登录码')
  await phone.sees('您自己的登录会保留')
  await phone.tap('开始')
  await phone.sees(WALKS)
}

/** Whom the phone's first page of one's own names. */
async function whose(phone, name) {
  await phone.tab('我的')
  const head = phone.app.locator('.head-name').filter(name ? { hasText: name } : { hasNotText: '您还没有登录' }).first()
  await head.waitFor()
  return (await head.innerText()).trim()
}

test('a phone walks as nobody real and is itself again', { timeout: 120_000 }, () => stage.tell('walked', async () => {
  const desk = await stage.desk('supervisor1')
  const phone = await stage.phone('li-ming')
  await phone.sees('大家常办')
  const owner = await whose(phone)
  await desk.go('/assignments/walks?q=居住证')
  await desk.press(/^开始走/)
  await desk.page.waitForURL(/walks\/[0-9a-f-]{36}$/)
  await lend(desk, phone)
  await whose(phone, '测**员')
  await stage.picture(phone.page, 'walked-phone')
  await phone.app.locator('.walk-leave').first().click()
  await phone.app.locator('.uni-modal__btn_primary').click()
  await phone.lacks(WALKS)
  await whose(phone, owner)
  await desk.go('/assignments/walks')
  await desk.page.locator('article h2 a').first().click()
  await lend(desk, phone)
  await desk.press('结束走流程')
  await desk.page.getByText('提前结束').waitFor()
  await phone.tab('消息')
  await phone.lacks(WALKS)
  await whose(phone, owner)
}))
