/** The registers of the phone: every page, title, text and tap of the sources is there and complete. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import chinese from '@locales/zh-CN.json'
import english from '@locales/en.json'
import { namedTexts, pruned } from '../../miniprogram/scripts/phone-locales.mjs'

const SRC = resolve(__dirname, '../../miniprogram/src')
const pages = JSON.parse(readFileSync(join(SRC, 'pages.json'), 'utf8')) as {
  pages: Page[]
  subPackages: { root: string; pages: Page[] }[]
  tabBar: { list: { pagePath: string; text: string }[] }
}
interface Page {
  path: string
  style: { navigationBarTitleText: string }
}

const all = [...pages.pages, ...pages.subPackages.flatMap((one) => one.pages.map((page) => ({ ...page, path: `${one.root}/${page.path}` })))]
const at = (texts: object, key: string): unknown => key.split('.').reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], texts)
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(vue|ts)$/.test(name) && !name.includes('schema.ts'))
const read = (name: string): string => readFileSync(join(SRC, name), 'utf8')

test('every page of the list exists, and every page that exists is listed', () => {
  const found = sources.filter((name) => /(^|\/)pages\/[\w-]+\.vue$/.test(name)).map((name) => name.replace('.vue', ''))
  expect(all.map((page) => page.path).sort()).toEqual(found.sort())
})

test.each(all)('$path says in pages.json what its title says in Chinese', ({ path, style }) => {
  const keys = [...(/<Screen\s[^>]*?:?title="([^"]+)"/.exec(read(`${path}.vue`))?.[1] ?? '').matchAll(/[a-z_]+(?:\.[a-z_]+)+/g)].map(([key]) => key)
  const titles = keys.map((key) => at(chinese, key))
  expect(titles).toContain(style.navigationBarTitleText)
})

test('the tabs are named in pages.json as they are drawn', () => {
  expect(pages.tabBar.list.map((tab) => tab.text)).toEqual(pages.tabBar.list.map((tab) => at(chinese, `common.tab.${tab.pagePath.split('/')[1]}`)))
})

test('every text that is named is written in both languages', () => {
  const named = new Set(sources.flatMap((name) => [...read(name).matchAll(/\bt\(\s*['`]([a-z][\w.]*)/g)].map(([, key]) => key as string)))
  const missing = [...named].filter((key) => !key.endsWith('.') && (typeof at(chinese, key) !== 'string' || typeof at(english, key) !== 'string'))
  const beginnings = [...named].filter((key) => key.endsWith('.') && (typeof at(chinese, key.slice(0, -1)) !== 'object' || typeof at(english, key.slice(0, -1)) !== 'object'))
  expect([...missing, ...beginnings]).toEqual([])
})

test('every page that is gone to exists', () => {
  const known = new Set(all.map((page) => `/${page.path}`))
  const gone = sources.flatMap((name) => [...read(name).matchAll(/['"`](\/(?:features|pages)\/[\w/-]+)['"`?]/g)].map(([, path]) => path as string))
  expect(gone.filter((path) => !known.has(path) && path !== '/pages/')).toEqual([])
})

test('a feature never imports another one: they link by address', () => {
  const crossing = sources.filter((name) => {
    const own = /features\/(\w+)\//.exec(name)?.[1]
    return [...read(name).matchAll(/from '@\/features\/(\w+)\//g)].some(([, other]) => other !== own)
  })
  expect(crossing).toEqual([])
})

test('components ask nothing of the server by themselves, but for the files they show and send', () => {
  const asking = sources.filter((name) => /\/components\/|^ui\//.test(name) && /\brequest\(|useDeed\(/.test(read(name)))
  expect(asking).toEqual([])
})

test('the phone is given only the texts it names', () => {
  const kept = pruned(chinese, namedTexts(SRC)) as Record<string, unknown>
  expect(kept).not.toHaveProperty('console')
  expect(kept).not.toHaveProperty('errors')
  expect(at(kept, 'booking.free')).toBe(chinese.booking.free)
  expect(at(kept, 'common.weekday.0')).toBe(chinese.common.weekday['0'])
})

test('a text is named whole or by its beginning', () => {
  const texts = { a: { b: '1', c: { d: '2', e: '3' } }, f: '4' }
  expect(pruned(texts, new Set(['a.b']))).toEqual({ a: { b: '1' } })
  expect(pruned(texts, new Set(['a.c.']))).toEqual({ a: { c: { d: '2', e: '3' } } })
  expect(pruned(texts, new Set(['x.y']))).toEqual({})
})

test('no source draws a picture from elsewhere', () => {
  expect(sources.filter((name) => /src="https?:|url\(['"]?https?:/.test(read(name)))).toEqual([])
})

test('the page is listed for the search of WeChat', () => {
  expect(existsSync(join(SRC, 'sitemap.json'))).toBe(true)
})
