/**
 * The apply pages of the compiled mini-program against a server that runs: BASE, TOKEN and ITEM say which. A form with a
 * person and a table is filled in, a slip is told at its place, the review leads back, and it is handed in. Prints the
 * case as the server then holds it.
 */
const assert = require('node:assert/strict')
const { rest } = require('./run.cjs')
const { served } = require('./served.cjs')

const { ITEM, NUMBER } = process.env
const { show, answers, until, write, handed, run } = served()

// Two taps at one place within a third of a second are one tap, as a trembling hand makes them.
const settled = () => rest(500)

run(async () => {
  const form = await show('features/cases/pages/form', { item: ITEM })
  await until('the form', () => /食品安全管理员/.test(form.text()))
  const next = () => form.tapText('下一步')

  assert.match(form.text(), /来自实名和登记信息/)
  await write(form, '姓名', '周')
  await write(form, '证件号码', '1')
  await write(form, '设备名称', '冷藏柜', 0)
  await write(form, '台数', '2', 0)
  await form.tapText('再加一行')
  await write(form, '设备名称', '消毒柜', 1)
  await write(form, '台数', '两台', 1)
  await next()
  assert.match(form.text(), /格式不正确/, 'a slip is told where it was made, and the page stays')
  await write(form, '证件号码', NUMBER)
  await settled()
  await next()
  assert.equal(form.all('field-note').filter((one) => /danger/.test(one.className)).length, 1, 'one cell of the table is still wrong')
  await write(form, '台数', '1', 1)
  await until('the draft', () => /已自动保存/.test(form.text()))
  await settled()
  await next()
  await until('the papers', () => /免提交/.test(form.text()))
  await next()
  await until('the review', () => /一次性告知/.test(form.text()))
  assert.match(form.text(), /周 E12345678/)
  assert.match(form.text(), /冷藏柜 2.*消毒柜 1/)

  // A line of the review leads back to its page.
  await form.tap('review-line')
  await until('the form again', () => /信息有误/.test(form.text()))
  assert.match(form.text(), /第 2 行/, 'the table is there as it was written')
  await settled()
  await next()
  await until('the papers again', () => /上传材料/.test(form.text()) && form.all('paper-line').length > 0)
  await settled()
  await next()
  await until('the review again', () => form.all('review-line').length > 0)
  await settled()
  await form.tapText('提交申请')
  await until('the answer', () => handed().length > 0)
  assert.equal(answers.filter((one) => one.path.endsWith('/submit')).length, 1)
  console.log(handed()[0].text)
})
