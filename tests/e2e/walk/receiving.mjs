// How somebody's result that is granted already is to reach them, chosen on their own phone.

import { login } from './errand.mjs'
import { must } from './eyes.mjs'
import { Browser } from './phone.mjs'
import { SMALL } from './scene.mjs'
import { t } from './words.mjs'

/** Somebody at their own phone with a plain browser, and their granted matter: `ask` speaks for them to the server. */
export async function entered(scene, { phone: number, item }) {
  const page = await scene.page('phone', SMALL, { hasTouch: true, isMobile: true })
  const phone = new Browser(page, scene.eyes)
  await page.goto(`${scene.base}/#/features/identity/pages/login`)
  await login(scene, phone, number)
  await phone.sees(t('home.popular'))
  const token = await page.evaluate(() => JSON.parse(localStorage.getItem('onetrip..token')))
  const ask = async (path, body) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }
    const answer = await fetch(`${scene.base}/api/v1${path}`, { headers, method: body ? 'POST' : 'GET', body: body && JSON.stringify(body) })
    must(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`)
    return answer.json()
  }
  const thread = (await ask('/threads')).items.find((one) => one.title === item)
  must(thread, `${number} has no ${item}`)
  return { phone, ask, open: (name) => page.goto(`${scene.base}/#/features/delivery/pages/${name}?thread=${thread.id}`) }
}

/** Choose the way while it is still open. */
export async function choose({ phone, open }, method) {
  await open('choose')
  await phone.tap(t(`delivery.method.${method}`), 'radio')
  await phone.see(`by-${method}`)
  await phone.tap(t('delivery.choose.save'), 'button', { exact: true })
  await phone.sees(t('delivery.choose.saved'))
}

/** Open the newest message in the inbox with this title; gives what the inbox said. */
export async function readMessage(scene, { phone }, title) {
  await phone.page.goto(`${scene.base}/#/pages/inbox`)
  const told = phone.frame.getByText(title).filter({ visible: true }).first()
  // What somebody else has just done is said a moment later, by the worker.
  for (let tries = 0; tries < 10; tries += 1) {
    if (await told.waitFor({ timeout: 2_000 }).then(() => true, () => false)) break
    await phone.page.reload()
  }
  await told.waitFor({ timeout: 2_000 })
  await phone.see('told')
  const said = await phone.text()
  await told.click()
  return said
}
