/** No refusal of booking, queue or code ends at a wall: it has words in both languages and somewhere to go. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { AppError } from '@/api/errors'
import { HERE, WAYS, wayOf } from '@/ways'

type Tree = { [key: string]: string | Tree }
const here = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname
const texts = (language: string): Tree => JSON.parse(readFileSync(here(`locales/${language}.json`), 'utf8')) as Tree
const text = (tree: Tree, key: string): unknown => key.split('.').reduce<unknown>((at, name) => (at as Tree | undefined)?.[name], tree)
const zh = texts('zh-CN')
const en = texts('en')
const pages = JSON.parse(readFileSync(here('miniprogram/src/pages.json'), 'utf8').replace(/^\s*\/\/.*$/gm, '')) as {
  pages: { path: string }[]
  subPackages: { root: string; pages: { path: string }[] }[]
}
const known = new Set([...pages.pages.map((one) => `/${one.path}`), ...pages.subPackages.flatMap((pack) => pack.pages.map((one) => `/${pack.root}/${one.path}`))])

// Said to the desk and to kiosks, which have pages of their own.
const DESK = new RegExp(
  String.raw`^(booking\.(below_taken|change_wrong|edit_overtaken|later_plan|line_\w+|nothing_changed|over|reason_missing|too_early|\w*desk\w*)` +
    String.raw`|queue\.(device_\w+|has_number|kiosk_\w+|pair_code_wrong|too_many_devices|transfer_nowhere|window_\w+|wrong_state))$`,
)
const codes = ['booking', 'queue', 'codes'].flatMap((feature) => Object.keys((zh.errors as Tree)[feature] as Tree).map((code) => `${feature}.${code}`))
const told = codes.filter((code) => !DESK.test(code))

describe.each(told)('%s', (code) => {
  test('has words in both languages', () => {
    const [chinese, english] = [text(zh, `errors.${code}`), text(en, `errors.${code}`)]
    expect(chinese).toMatch(/[\u4e00-\u9fff]/)
    expect(english).toMatch(/[a-z]{3}/)
    expect(english).not.toMatch(/[\u4e00-\u9fff]/)
  })

  test('leads on', () => {
    const way = wayOf(new AppError({ code, text: '' }))
    expect(Boolean(way) !== HERE.has(code), 'either a page, or this one looks again').toBe(true)
    if (!way) return
    expect(known).toContain(way.page)
    expect(text(zh, way.label)).toBeTypeOf('string')
    expect(text(en, way.label)).toBeTypeOf('string')
  })
})

test('what is under way already leads to where it stands', () => {
  const page = '/features/thread/pages/detail?id=t1'
  expect(wayOf(new AppError({ code: 'cases.already_open', text: '', page }))).toEqual({ page, label: 'thread.open' })
  expect(text(zh, 'thread.open')).toBeTypeOf('string')
})

test('nothing is kept for codes that are gone', () => {
  expect([...Object.keys(WAYS), ...HERE].filter((code) => typeof text(zh, `errors.${code}`) !== 'string')).toEqual([])
})
