/**
 * From "apply" on the guide to "handed in", against a server that runs (BASE, TOKEN, ITEM): every tap on the way is a step
 * that somebody goes through; writing is not. Prints the steps.
 */
const assert = require('node:assert/strict')
const { rest } = require('./run.cjs')
const { served } = require('./served.cjs')

const { ITEM, NUMBER } = process.env
const MOST = 5
const { phone, show, leave, until, write, handed, run } = served()
const steps = []

async function step(page, words) {
  steps.push(words)
  await page.tapText(words)
  await rest(500)
}

/** The page that a tap has led to. */
function opened() {
  const url = new URL(phone.called('navigateTo').at(-1).url, 'http://x')
  return show(url.pathname.slice(1), Object.fromEntries(url.searchParams))
}

run(async () => {
  const guide = await show('features/catalogue/pages/guide', { id: ITEM })
  await until('the guide', () => /在线申请/.test(guide.text()))
  await step(guide, '在线申请')
  const form = await opened()
  await leave(guide)
  await until('the form', () => /食品安全管理员/.test(form.text()))
  await write(form, '姓名', '周')
  await write(form, '证件号码', NUMBER)
  await write(form, '设备名称', '冷藏柜')
  await write(form, '台数', '2')
  // Whatever is asked before the button that hands in is one step more.
  while (!/提交申请/.test(form.text()) && steps.length < 2 * MOST) await step(form, '下一步')
  await step(form, '提交申请')
  await until('the answer', () => handed().length > 0)
  await until('the matter', () => phone.called('redirectTo').some(({ url }) => url.startsWith('/features/thread/pages/detail')))
  assert.equal(phone.called('showModal').length, 0, 'nothing is asked in between')
  assert.ok(steps.length <= MOST, `${steps.length} steps: ${steps.join(' > ')}`)
  console.log(JSON.stringify(steps))
})
