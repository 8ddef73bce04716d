/** Coming to the hall without a booking: the phone asks what for, and shows what to bring with the number. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { audit } from './audit.mjs'
import { APP, Stage } from './stage.mjs'

const ITEM = '居住证申领'
let stage

before(async () => { stage = await Stage.open() }, { timeout: 60_000 })
after(async () => stage?.end())

test('a number on the phone says what it is for, in large type too', { timeout: 90_000 }, () => stage.tell('arriving', async () => {
  const phone = await stage.phone('zhang-guilan')
  const readable = async (what) => {
    const frame = phone.page.frames().find((one) => one.url().startsWith(APP))
    assert.deepEqual(await frame.evaluate(audit, { elder: true }), [], what)
  }
  await phone.sees('标准版')
  await phone.scanShown('颍上县政务服务中心')
  await phone.sees('欢迎来到办事大厅')
  await readable('the hall')
  await phone.app.locator('.cell', { hasText: '户籍证件' }).last().click()
  await phone.sees('您要办哪件事？')
  await phone.sees('说不清，到窗口再说')
  await readable('what for')
  await phone.app.locator('.sheet .cell', { hasText: ITEM }).click()
  await phone.sees('需要优先办理吗？')
  await readable('who goes first')
  // A tap that trembles is one number.
  await phone.app.locator('.sheet-foot').getByRole('button', { name: '现场取号' }).dblclick()
  await phone.outside('允许')
  await phone.sees(/^B\d{3}$/)
  await phone.sees(ITEM)
  await phone.sees('请带好')
  await readable('the number')
  const number = await phone.read('.ticket-number')
  await phone.tap('查看办件进度')
  await phone.sees('已现场取号')
  assert.match(number, /^B\d{3}$/)
}))
