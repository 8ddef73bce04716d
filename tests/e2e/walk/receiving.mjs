// How somebody's result is to reach them, chosen in WeChat on their own phone, and what WeChat then says of it.

import { must } from './eyes.mjs'
import { SandboxPhone } from './phone.mjs'
import { t } from './words.mjs'

const WIDE = { width: 1440, height: 1000 }

/** Somebody's phone in WeChat, their matter open on it. `ask` speaks for them to the server. */
export async function entered(scene, { key, item }) {
  const page = await scene.page('phone', WIDE)
  const phone = new SandboxPhone(page, key, scene.eyes)
  const at = async (path) => {
    await page.goto(`${scene.sandbox}/?phone=${key}&path=${encodeURIComponent(path)}`)
    await phone.scanned()
  }
  await at('features/thread/pages/list')
  await phone.frame.locator('.tap', { hasText: item }).filter({ visible: true }).first().click()
  await phone.sees(t('thread.timeline'))
  const thread = new URLSearchParams(phone.frame.url().split('?').at(-1)).get('id')
  await phone.see('matter')
  const token = await phone.frame.evaluate((name) => JSON.parse(localStorage.getItem(name)), `onetrip.${key}.token`)
  const ask = async (path, body) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }
    const answer = await fetch(`${scene.base}/api/v1${path}`, { headers, method: body ? 'POST' : 'GET', body: body && JSON.stringify(body) })
    must(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`)
    return answer.json()
  }
  const open = (name) => at(`features/delivery/pages/${name}?thread=${thread}`)
  return { phone, ask, at, open, matter: () => at(`features/thread/pages/detail?id=${thread}`) }
}

/** Choose the way while it is still open, and let WeChat tell of it: the matter's page says what it would. */
export async function choose({ phone, open, matter }, method, news) {
  await open('choose')
  await phone.tap(t(`delivery.method.${method}`), 'radio')
  await phone.see(`by-${method}`)
  await phone.tap(t('delivery.choose.save'), 'button', { exact: true })
  await phone.sees(t('delivery.choose.saved'))
  await matter()
  await phone.sees(news)
  await phone.tap(t('push.reach.allow'))
  await phone.allow()
  await phone.sees(t('push.reach.wechat'))
  await phone.see('allowed')
}

/** Open the newest message in the inbox with this title; gives what the inbox said. */
export async function readMessage({ phone, at }, title) {
  const told = () => phone.frame.getByText(title).filter({ visible: true }).first()
  // What somebody else has just done is said a moment later, by the worker.
  for (let tries = 0; tries < 10; tries += 1) {
    await at('pages/inbox')
    if (await told().waitFor({ timeout: 2_000 }).then(() => true, () => false)) break
  }
  await told().waitFor({ timeout: 2_000 })
  await phone.see('told')
  const said = await phone.text()
  await told().click()
  return said
}
