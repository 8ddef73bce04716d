// One citizen's errand with a phone, from search to a rating, in the order a person takes it.

import { must } from './eyes.mjs'

/** Type what one would say, and take the item out of what is suggested. */
export async function find(phone, words, item) {
  const { t } = phone
  await phone.tap(t('home.search'), 'link')
  await phone.write(t('home.search'), words)
  const suggested = phone.frame.locator('.cell', { hasText: item }).first()
  await suggested.waitFor({ timeout: 15_000 })
  await phone.see('search')
  await suggested.click()
  await phone.sees(t('catalogue.materials'))
  await phone.see('guide')
}

/** Choose the hall and the first free time of today; gives whether a place was asked for. */
export async function pickToday(phone, hall) {
  const { t } = phone
  await phone.tap(t('catalogue.book'))
  await phone.see('halls')
  await phone.tap(hall, 'radio')
  await phone.sees(t('booking.day'))
  const today = phone.frame.getByRole('radio', { name: t('common.date.today') })
  await today.click()
  await phone.frame.locator('.slot:not(.slot-full)').first().click()
  await phone.see('times')
}

/** Agree, give the number WeChat knows, and the name. Each page goes back by itself. */
export async function becomeKnown(phone, name, number) {
  const { t } = phone
  await phone.tap(t('booking.book'))
  await phone.sees(t('identity.privacy.title'))
  await phone.see('privacy')
  await phone.tap(t('identity.consent.agree'), 'button', { exact: true })
  await phone.sees(t('identity.realname.why'))
  await phone.tap(t('identity.phone.take'))
  await phone.allow()
  await phone.write(t('identity.realname.name'), name)
  await phone.write(t('identity.realname.number'), number)
  await phone.see('real-name')
  await phone.tap(t('identity.realname.prove'))
  await phone.sees(t('booking.day'))
}

/** Fill in the form with `answers` (label to text) and `choices`, upload one picture (of `paper`, or of the first there is), and hand in. */
export async function apply(phone, { answers, choices, picture, paper = '', hall, method }) {
  const { t } = phone
  await phone.sees(t('cases.step.form'))
  for (const choice of choices) await phone.tap(choice, 'radio', { exact: true })
  for (const [label, text] of Object.entries(answers)) await phone.write(label, text)
  await phone.see('form')
  // Where nothing is asked, the papers are the first page.
  if (choices.length || Object.keys(answers).length) await phone.tap(t('common.next'))
  const line = phone.frame.locator('.paper-line', { hasText: paper })
  await phone.upload(picture, () => line.getByRole('button', { name: t('documents.add') }).first().click(), t('documents.photo'))
  await phone.sees(t('documents.add_more'))
  await phone.see('papers')
  await phone.tap(t('common.next'))
  await phone.sees(t('cases.told_title'))
  if (method) await phone.tap(t(`delivery.method.${method}`), 'radio')
  if (hall) await phone.tap(hall, 'radio')
  await phone.see('confirm')
  await phone.tap(t('cases.submit'), 'button', { exact: true })
}

export async function rate(phone, { level, tag, words }) {
  const { t } = phone
  await phone.sees(t('ratings.how'))
  await phone.tap(level, 'radio', { exact: true })
  if (tag) await phone.tap(tag, 'checkbox')
  if (words) await phone.write(t('ratings.words'), words)
  await phone.see('rating')
  await phone.tap(t('ratings.send'))
  await phone.sees(t('ratings.thanks'))
  await phone.see('thanks')
}

/** The steps on the timeline of the matter on the screen, in their order. */
export async function timeline(phone, steps) {
  const { t } = phone
  await phone.sees(t('thread.timeline'))
  const text = await phone.text()
  let at = text.indexOf(t('thread.timeline'))
  const order = [...steps].map((step) => [step, text.indexOf(t(`thread.step.${step}`), at)])
  const missing = order.filter(([, found]) => found < 0).map(([step]) => step)
  must(missing.length === 0, `not on the timeline: ${missing.join(', ')}`)
}

/** Enter in a plain browser, by a code sent to the number. */
export async function login(scene, phone, number) {
  const { t } = phone
  const before = (await texts(scene, number)).length
  await phone.write(t('identity.login.phone'), number)
  await phone.tap(t('identity.login.send'))
  const said = await sms(scene, number, '验证码', before)
  await phone.write(t('identity.login.code'), said.match(/\d{6}/)[0])
  await phone.tap(t('identity.login.agree'), 'checkbox')
  await phone.see('login')
  await phone.tap(t('identity.login.enter'), 'button', { exact: true })
}

const texts = async (scene, number) => (await fetch(`${scene.sandbox}/_sandbox/sms?number=${number}`)).json()

/** Wait for an SMS to a number that says something, after so many others, and read it. */
export async function sms(scene, number, words, before = 0) {
  for (let tries = 0; tries < 60; tries += 1) {
    const found = (await texts(scene, number)).slice(before).findLast((one) => one.text.includes(words))
    if (found) return found.text
    await new Promise((done) => setTimeout(done, 250))
  }
  throw new Error(`no SMS with ${words}`)
}
