import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { CertificateCard } from '@/api/schema'
import { went } from './phone'

beforeEach(async () => (await import('@/i18n')).textsReady())

describe('dates', () => {
  test('are Shanghai wall-clock time wherever the phone is', async () => {
    const { clockOf, dayOf, today } = await import('@/dates')
    expect([dayOf('2026-11-20T09:05:00+08:00'), clockOf('2026-11-20T09:05:00+08:00')]).toEqual(['2026-11-20', '09:05'])
    expect(today(Date.parse('2026-11-20T16:00:00Z'))).toBe('2026-11-21')
    expect(today(Date.parse('2026-11-20T15:59:59Z'))).toBe('2026-11-20')
  })

  test('cross months and years', async () => {
    const { addDays, weekdayOf } = await import('@/dates')
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
    expect(weekdayOf('2026-11-20')).toBe(5)
  })

  test('are named when they are near, and carry the year when it is another', async () => {
    const { nearDayText, spanText } = await import('@/dates')
    const { t } = await import('@/i18n')
    expect(nearDayText('2026-11-20', '2026-11-20')).toBe(t('common.date.today'))
    expect(nearDayText('2026-11-21', '2026-11-20')).toBe(t('common.date.tomorrow'))
    expect(nearDayText('2026-11-25', '2026-11-20')).toBe('11月25日 周三')
    expect(nearDayText('2027-01-05', '2026-11-20')).toBe('2027年1月5日')
    expect(spanText('2027-01-05T09:00:00+08:00', '2027-01-05T09:30:00+08:00')).toMatch(/ 09:00–09:30$/)
  })

  test('money has no dangling zeros', async () => {
    const { yuan } = await import('@/dates')
    expect([yuan(0), yuan(2000), yuan(1050)]).toEqual(['0', '20', '10.50'])
  })
})

describe('scanned texts', () => {
  test.each([
    ['https://gov.example/q/AbCdEfGhIjKlMnOpQrStUv', 'AbCdEfGhIjKlMnOpQrStUv'],
    ['http://127.0.0.1:8000/q/AbC_-fGhIjKlMnOpQrStUv#x', 'AbC_-fGhIjKlMnOpQrStUv'],
    [' AbCdEfGh IjKlMnOpQrStUv ', 'AbCdEfGhIjKlMnOpQrStUv'],
    ['https://elsewhere.example/pay?id=1', null],
    ['hello', null],
    ['', null],
  ])('%s', async (text, token) => {
    expect((await import('@/platform/scan')).tokenIn(text)).toBe(token)
  })

  test.each([
    ['https://gov.example/q/AbCdEfGhIjKlMnOpQrStUv', { token: 'AbCdEfGhIjKlMnOpQrStUv' }],
    ['4820 1937', { pickup: '1' }],
    ['48201937', { pickup: '1' }],
    ['482019377', null],
    ['hello', null],
  ])('%s opens its page; a pickup code is named and not looked up', async (text, opened) => {
    expect((await import('@/scan')).openedBy(text)).toEqual(opened)
  })
})

test('a newer page lies over an older list, and what is further down stays', async () => {
  const { laidOver } = await import('@/paged')
  const row = (id: string, read = false) => ({ id, read })
  expect(laidOver([row('c'), row('b', true)], [row('b'), row('a')])).toEqual([row('c'), row('b', true), row('a')])
  expect(laidOver([], [row('a')])).toEqual([row('a')])
})

describe('how long a certificate is good', () => {
  const card = (valid_until: string | null, state = 'valid') => ({ valid_until, state }) as CertificateCard
  test.each([
    [card(null), '长期有效', false],
    [card('2027-11-20'), '有效期至2027年11月20日', false],
    [card('2027-01-05'), '有效期至2027年1月5日', false],
    [card('2027-01-04'), '还有45天到期（2027年1月4日）', true],
    [card('2026-12-02'), '还有12天到期（2026年12月2日）', true],
    [card('2026-11-21'), '明天到期（2026年11月21日）', true],
    [card('2026-11-20'), '今天到期（2026年11月20日）', true],
    [card('2026-11-19', 'expired'), '已于2026年11月19日到期', false],
    [card('2026-12-02', 'revoked'), '有效期至2026年12月2日', false],
  ])('%o', async (one, words, soon) => {
    const { endsSoon, validity } = await import('@/validity')
    expect([validity(one, '2026-11-20'), endsSoon(one, '2026-11-20')]).toEqual([words, soon])
  })

  test('a date is written in one way, and nothing else is taken for one', async () => {
    const { saidText } = await import('@/dates')
    expect([saidText('2026-11-20'), saidText('2026-11-20 至今'), saidText('341226')]).toEqual(['2026年11月20日', '2026-11-20 至今', '341226'])
  })
})

describe('going', () => {
  test('tabs are switched to, pages put on top, values encoded and empty ones dropped', async () => {
    const { go } = await import('@/platform/navigate')
    go('/pages/me')
    go('features/booking/pages/detail', { id: 'a b', none: null, empty: '' })
    expect(went).toEqual([{ way: 'switchTab', url: '/pages/me' }, { way: 'navigateTo', url: '/features/booking/pages/detail?id=a%20b' }])
  })

  test('near the end of the pile the top page is replaced', async () => {
    const { go } = await import('@/platform/navigate')
    vi.stubGlobal('getCurrentPages', () => Array.from({ length: 9 }, () => ({ route: 'x' })))
    go('/features/thread/pages/list')
    expect(went[0]?.way).toBe('redirectTo')
  })

  test('back from a page opened by a link goes home', async () => {
    const { back } = await import('@/platform/navigate')
    back()
    expect(went).toEqual([{ way: 'switchTab', url: '/pages/home' }])
  })
})

describe('search hits', () => {
  test('cut the name where it was hit', async () => {
    const { marked } = await import('@/ui/marked')
    expect(marked('abcdef', [[1, 2], [4, 1]])).toEqual([
      { text: 'a', hit: false },
      { text: 'bc', hit: true },
      { text: 'd', hit: false },
      { text: 'e', hit: true },
      { text: 'f', hit: false },
    ])
  })

  test('that overlap or are empty break nothing', async () => {
    const { marked } = await import('@/ui/marked')
    expect(marked('abc', [[0, 2], [1, 2], [2, 0]]).map((piece) => piece.text).join('')).toBe('abc')
    expect(marked('abc', [])).toEqual([{ text: 'abc', hit: false }])
  })
})

describe('the colour of a certificate', () => {
  test.each(['#b5762a', '#ffffff', '#ffee00', '#1a5fd0', '#000000'])('%s can carry white letters', async (colour) => {
    const { contrastWithWhite, underWhite } = await import('@/ui/colour')
    const rgb = underWhite(colour).match(/\d+/g)?.map(Number) ?? []
    expect(contrastWithWhite(rgb)).toBeGreaterThanOrEqual(4.5)
  })

  test('is left alone when it can already, and is ours when it is none', async () => {
    const { underWhite } = await import('@/ui/colour')
    expect(underWhite('#1a5fd0')).toBe('rgb(26,95,208)')
    expect(underWhite('red;x:y')).toBe('var(--blue)')
  })
})

describe('what a phone keeps', () => {
  test('somebody else’s or broken words count as nothing', async () => {
    const { recall } = await import('@/platform/storage')
    const { stored } = await import('./phone')
    stored.set('onetrip..x', '{broken')
    expect(recall('x')).toBeUndefined()
  })
})
