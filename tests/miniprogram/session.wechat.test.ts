import { expect, test, vi } from 'vitest'
import { asked, serve, stored } from './phone'

let codes = 0

async function session() {
  codes = 0
  vi.stubGlobal('wx', {
    login: ({ success }: { success(answer: { code: string }): void }) => success({ code: `code-${++codes}` }),
    getAppBaseInfo: () => ({ fontSizeSetting: 17 }),
  })
  await (await import('@/i18n')).textsReady()
  return (await import('@/session')).useSession()
}

test('WeChat logs in by itself, with a code used once', async () => {
  serve(({ data }) => ({ body: { token: `t-${(data as { code: string }).code}`, me: {} } }))
  const mine = await session()
  await mine.ready
  expect(mine.token).toBe('t-code-1')
  expect(asked.map((one) => [one.url, one.data])).toEqual([['/api/v1/login/wechat', { code: 'code-1' }]])
})

test('many questions with an ended login bring one new login', async () => {
  stored.set('onetrip..token', '"old"')
  const mine = await session()
  const { request } = await import('@/api/client')
  serve(({ url, header }) => {
    if (url.endsWith('/login/wechat')) return { body: { token: 'new', me: {} } }
    return header.Authorization === 'Bearer new' ? { body: { count: 1 } } : { status: 401, body: { code: 'unauthenticated' } }
  })
  const answers = await Promise.all([1, 2, 3].map(() => request('GET /inbox/unread')))
  expect(answers).toEqual([{ count: 1 }, { count: 1 }, { count: 1 }])
  expect(codes).toBe(1)
  expect(mine.token).toBe('new')
})

test('both languages are there at once, without waiting', async () => {
  const { t } = await import('@/i18n')
  expect(t('common.tab.home')).not.toBe('')
})

test('the subscription popup is asked for at most three templates, and only its own words are passed on', async () => {
  const seen: string[][] = []
  vi.stubGlobal('wx', {
    requestSubscribeMessage: ({ tmplIds, success }: { tmplIds: string[]; success(answer: object): void }) => {
      seen.push(tmplIds)
      success({ errMsg: 'ok', t1: 'acceptWithAudio', t2: 'reject', t3: 'perhaps' })
    },
  })
  const { askToSubscribe } = await import('@/platform/subscribe')
  const answer = await askToSubscribe(['t1', 't2', 't3', 't4'], 'nonce-1')
  expect(seen).toEqual([['t1', 't2', 't3']])
  expect(answer).toEqual({ nonce: 'nonce-1', results: [{ template_id: 't1', outcome: 'accept' }, { template_id: 't2', outcome: 'reject' }] })
})

test('what was allowed is reported under the popup\'s own name, so that it counts once however often it is sent', async () => {
  vi.stubGlobal('wx', { requestSubscribeMessage: ({ success }: { success(answer: object): void }) => success({ t1: 'accept' }) })
  await (await import('@/i18n')).textsReady()
  stored.set('onetrip..token', '"mine"')
  serve(() => ({ status: 204 }))
  const { useAllow } = await import('@/subscriptions')
  expect(await useAllow().allow(['t1'])).toBe(true)
  expect(await useAllow().allow(['t1'])).toBe(true)
  const reports = asked.filter((one) => one.url.endsWith('/subscriptions'))
  const nonces = reports.map((one) => (one.data as { nonce: string }).nonce)
  expect(reports.map((one) => one.header['Idempotency-Key'])).toEqual(nonces)
  expect(new Set(nonces).size).toBe(2)
})

test('a popup that fails does not stop the deed', async () => {
  vi.stubGlobal('wx', { requestSubscribeMessage: ({ fail }: { fail(): void }) => fail() })
  const { askToSubscribe } = await import('@/platform/subscribe')
  expect(await askToSubscribe(['t1'], 'n')).toBeNull()
  expect(await askToSubscribe([], 'n')).toBeNull()
})

test('all messages switched off is told, so that the page can say so', async () => {
  vi.stubGlobal('wx', { requestSubscribeMessage: ({ fail }: { fail(problem: object): void }) => fail({ errCode: 20004, errMsg: 'requestSubscribeMessage:fail The main switch is switched off' }) })
  const { askToSubscribe } = await import('@/platform/subscribe')
  expect(await askToSubscribe(['t1'], 'n')).toEqual({ nonce: 'n', results: [], main_switch: false })
})
