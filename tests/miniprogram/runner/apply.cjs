/**
 * The apply pages of the compiled mini-program against a server that runs: BASE, TOKEN and ITEM say which. A form with a
 * person and a table is filled in, one thing that was filled in is reported wrong, a slip is told at its place, the review
 * leads back, and it is handed in. Prints the case as the server then holds it.
 */
const assert = require('node:assert/strict')
const { rest, start } = require('./run.cjs')

const { BASE, TOKEN, ITEM, NUMBER } = process.env
const { phone, show, end } = start({ 'onetrip..token': TOKEN, 'onetrip..locale': 'zh-CN' })
const answers = []
phone.server = async ({ method, url, header, data }) => {
  const { pathname, search } = new URL(url, 'http://x')
  const answer = await fetch(BASE + pathname + search, { method, headers: { 'Content-Type': 'application/json', ...header }, body: data === undefined || method === 'GET' ? undefined : typeof data === 'string' ? data : JSON.stringify(data) })
  const text = await answer.text()
  answers.push({ method, path: pathname, status: answer.status, text })
  return { status: answer.status, body: text ? JSON.parse(text) : null }
}

const PATIENCE = 20_000
async function until(what, holds) {
  for (const begun = Date.now(); Date.now() - begun < PATIENCE; await rest(50)) if (holds()) return
  throw new Error(`${what} never came; last answers: ${JSON.stringify(answers.slice(-3))}`)
}

// Two taps at one place within a third of a second are one tap, as a trembling hand makes them.
const settled = () => rest(500)

async function main() {
  const form = await show('features/cases/pages/form', { item: ITEM })
  await until('the form', () => /食品安全管理员/.test(form.text()))
  const write = async (label, said) => {
    const field = form.all('field').filter((one) => one.textContent.replace('*', '').trim().startsWith(label)).at(-1)
    assert.ok(field, `${label} is not on the page: ${form.text()}`)
    const input = [...field.querySelectorAll('*')].find((one) => [...one.classList].some((name) => name.endsWith('field-input')))
    await form.tell(input, 'input', { value: said })
  }
  const next = () => form.tapText('下一步')

  assert.match(form.text(), /来自实名和登记信息/)
  await write('姓名', '周')
  await write('证件号码', '1')
  await next()
  assert.match(form.text(), /格式不正确/, 'a slip is told where it was made, and the page stays')
  await write('证件号码', NUMBER)
  await until('the draft', () => /已自动保存/.test(form.text()))
  await next()
  await until('the papers', () => /免提交/.test(form.text()))
  await next()
  await until('the review', () => /一次性告知/.test(form.text()))
  assert.match(form.text(), /周 E12345678/)

  // A line of the review leads back to its page.
  await form.tap('review-line')
  await until('the form again', () => /信息有误/.test(form.text()))
  await settled()
  await next()
  await until('the papers again', () => /上传材料/.test(form.text()) && form.all('paper-line').length > 0)
  await settled()
  await next()
  await until('the review again', () => form.all('review-line').length > 0)
  await settled()
  await form.tapText('提交申请')
  await until('the answer', () => answers.some((one) => one.path.endsWith('/submit') && one.status === 200))
  assert.equal(answers.filter((one) => one.path.endsWith('/submit')).length, 1)
  console.log(answers.findLast((one) => one.path.endsWith('/submit')).text)
}

main().then(() => { end(); process.exit(0) }, (problem) => { console.error(problem); end(); process.exit(1) })
