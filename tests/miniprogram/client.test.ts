import { describe, expect, test, vi } from 'vitest'
import { asked, serve } from './phone'

async function client() {
  const { textsReady } = await import('@/i18n')
  await textsReady()
  return import('@/api/client')
}

const session = (tokens: string[], renews = true) => ({
  token: () => tokens[0] ?? '',
  renew: vi.fn(async () => (tokens.shift(), renews)),
  ready: Promise.resolve(),
})

test('a question carries the login and the language, and fills path and query', async () => {
  const { request, useSession } = await client()
  useSession(session(['t1']))
  serve(() => ({ body: { ok: 1 } }))
  await request('GET /tickets/{ticket_id}', { params: { ticket_id: 'a/b' }, query: { version: 3 } })
  expect(asked[0]).toMatchObject({ method: 'GET', url: '/api/v1/tickets/a%2Fb?version=3' })
  expect(asked[0]?.header).toMatchObject({ Authorization: 'Bearer t1', 'Accept-Language': 'zh-CN' })
  expect(asked[0]?.header).not.toHaveProperty('Idempotency-Key')
})

test('a page opened without its id asks for nothing that is there, never for the whole list', async () => {
  const { request } = await client()
  serve(() => ({ status: 404, body: { code: 'not_found', detail: 'gone' } }))
  await expect(request('GET /items/{item_id}', { params: { item_id: '' } })).rejects.toMatchObject({ status: 404 })
  expect(asked[0]?.url).toBe('/api/v1/items/-')
})

test('empty and missing query values are left out', async () => {
  const { request } = await client()
  serve(() => ({ body: {} }))
  await request('GET /items', { query: { q: '', theme: null, cursor: undefined, limit: 5 } })
  expect(asked[0]?.url).toBe('/api/v1/items?limit=5')
})

test('a deed always carries a key', async () => {
  const { request } = await client()
  serve(() => ({ status: 204 }))
  await request('POST /inbox/read-all')
  expect(asked[0]?.header['Idempotency-Key']).toMatch(/^[a-z0-9]{24}$/)
})

test('a refusal is told in the words of the server, with its fields and number', async () => {
  const { request } = await client()
  const { AppError } = await import('@/api/errors')
  serve(() => ({ status: 422, body: { code: 'invalid_input', title: 'x', detail: 'Mend it', request_id: 'r-7', fields: [{ path: 'phone', code: 'bad', text: 'No phone' }] } }))
  const problem = await request('POST /login/code', { body: { phone: '1' } }).catch((reason: unknown) => reason)
  expect(problem).toBeInstanceOf(AppError)
  expect(problem).toMatchObject({ code: 'invalid_input', text: 'Mend it', status: 422, requestId: 'r-7' })
  expect((problem as InstanceType<typeof AppError>).field('phone')).toBe('No phone')
})

test("a proxy's page is a refusal, too", async () => {
  const { request } = await client()
  serve(() => ({ status: 502, body: '<html>' }))
  await expect(request('GET /me')).rejects.toMatchObject({ code: 'unreadable', status: 502 })
})

test('when to ask again is kept', async () => {
  const { request } = await client()
  serve(() => ({ status: 429, header: { 'Retry-After': '30' }, body: { code: 'too_many', detail: 'wait' } }))
  await expect(request('GET /me')).rejects.toMatchObject({ retryAfter: 30 })
})

describe('an ended login', () => {
  test('is renewed once without a word, and the question asked again', async () => {
    const { request, useSession } = await client()
    const mine = session(['old', 'new'])
    useSession(mine)
    serve(({ header }) => (header.Authorization === 'Bearer new' ? { body: { count: 2 } } : { status: 401, body: { code: 'unauthenticated' } }))
    await expect(request('GET /inbox/unread')).resolves.toEqual({ count: 2 })
    expect(mine.renew).toHaveBeenCalledOnce()
    expect(mine.renew).toHaveBeenCalledWith('old')
  })

  test('keeps the key of the deed', async () => {
    const { request, useSession } = await client()
    useSession(session(['old', 'new']))
    serve(({ header }) => (header.Authorization === 'Bearer new' ? { status: 204 } : { status: 401, body: { code: 'unauthenticated' } }))
    await request('POST /inbox/read-all', {}, { key: 'the-key' })
    expect(asked.map((one) => one.header['Idempotency-Key'])).toEqual(['the-key', 'the-key'])
  })

  test('that cannot be renewed is told', async () => {
    const { request, useSession } = await client()
    useSession(session(['old'], false))
    serve(() => ({ status: 401, body: { code: 'unauthenticated', detail: 'Log in' } }))
    await expect(request('GET /me')).rejects.toMatchObject({ code: 'unauthenticated', text: 'Log in' })
    expect(asked).toHaveLength(1)
  })
})

describe('a lost connection', () => {
  test('is tried once more for a question', async () => {
    const { request, network } = await client()
    let tries = 0
    serve(() => (++tries === 1 ? { fail: 'request:fail' } : { body: { count: 1 } }))
    await expect(request('GET /inbox/unread')).resolves.toEqual({ count: 1 })
    expect(network.online).toBe(true)
  })

  test('is never tried again for a deed: the person repeats it', async () => {
    const { request, network } = await client()
    serve(() => ({ fail: 'request:fail' }))
    await expect(request('POST /inbox/read-all')).rejects.toMatchObject({ code: 'offline', status: 0 })
    expect(asked).toHaveLength(1)
    expect(network.online).toBe(false)
  })

  test('by too long a wait says so, and is not the phone being offline', async () => {
    const { request, network } = await client()
    serve(() => ({ fail: 'request:fail timeout' }))
    await expect(request('POST /inbox/read-all')).rejects.toMatchObject({ code: 'timeout' })
    expect(network.online).toBe(true)
  })
})

test('a slow answer is announced, and the announcement taken back', async () => {
  const { request, network } = await client()
  vi.useFakeTimers()
  let arrive = (): void => undefined
  serve(() => ({ body: {}, after: new Promise<void>((resolve) => (arrive = resolve)) }))
  const answer = request('GET /me')
  await vi.advanceTimersByTimeAsync(4100)
  expect(network.slow).toBe(true)
  arrive()
  await answer
  expect(network.slow).toBe(false)
  vi.useRealTimers()
})
