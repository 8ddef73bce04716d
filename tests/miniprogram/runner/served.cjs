/** The compiled mini-program before a server that runs: BASE and TOKEN say which, and as whom. */
const assert = require('node:assert/strict')
const { rest, start } = require('./run.cjs')

const PATIENCE = 20_000

function served() {
  const { BASE, TOKEN } = process.env
  const { phone, show, leave, end } = start({ 'onetrip..token': TOKEN, 'onetrip..locale': 'zh-CN' })
  const answers = []
  phone.server = async ({ method, url, header, data }) => {
    const { pathname, search } = new URL(url, 'http://x')
    const answer = await fetch(BASE + pathname + search, { method, headers: { 'Content-Type': 'application/json', ...header }, body: data === undefined || method === 'GET' ? undefined : typeof data === 'string' ? data : JSON.stringify(data) })
    const text = await answer.text()
    answers.push({ method, path: pathname, status: answer.status, text })
    return { status: answer.status, body: text ? JSON.parse(text) : null }
  }

  async function until(what, holds) {
    for (const begun = Date.now(); Date.now() - begun < PATIENCE; await rest(50)) if (holds()) return
    throw new Error(`${what} never came; last answers: ${JSON.stringify(answers.slice(-3))}`)
  }

  /** A row of a table has fields of the same label; `row` says whose. */
  async function write(page, label, said, row = -1) {
    const field = page.all('field').filter((one) => one.textContent.replace('*', '').trim().startsWith(label)).at(row)
    assert.ok(field, `${label} is not on the page: ${page.text()}`)
    const input = [...field.querySelectorAll('*')].find((one) => [...one.classList].some((name) => name.endsWith('field-input')))
    await page.tell(input, 'input', { value: said })
  }

  const handed = () => answers.filter((one) => one.path.endsWith('/submit') && one.status === 200)
  const run = (walk) => walk().then(() => { end(); process.exit(0) }, (problem) => { console.error(problem); end(); process.exit(1) })
  return { phone, show, leave, answers, until, write, handed, run }
}

module.exports = { served }
