import { expect, test } from 'vitest'
import chinese from '@locales/zh-CN.json'
import english from '@locales/en.json'
import { stored, uni } from './phone'

const load = () => import('@/i18n')

test('a phone in Chinese starts in Chinese, any other in English', async () => {
  expect((await load()).locale.value).toBe('zh-CN')
})

test('a phone in another language starts in English', async () => {
  ;(globalThis as unknown as { uni: typeof uni }).uni.getLocale = () => 'fr'
  expect((await load()).locale.value).toBe('en')
})

test('nothing is shown before the texts are there, then the text with its values', async () => {
  const { t, textsReady } = await load()
  expect(t('common.loading')).toBe('')
  await textsReady()
  expect(t('booking.free', { n: 4 })).toBe(chinese.booking.free.replace('{n}', '4'))
})

test('a value that is missing leaves its placeholder, a text that is missing its key', async () => {
  const { t, textsReady } = await load()
  await textsReady()
  expect(t('booking.free')).toContain('{n}')
  expect(t('no.such.text')).toBe('no.such.text')
})

test('a chosen language is shown at once and remembered', async () => {
  const first = await load()
  await first.textsReady()
  await first.setLocale('en')
  expect(first.t('common.loading')).toBe(english.common.loading)
  expect([...stored.keys()]).toEqual(['onetrip..locale'])
})
