import { beforeEach, expect, test, vi } from 'vitest'
import { asked, serve, stored, went } from './phone'

const SANDBOX = 'http://127.0.0.1:8001'
interface Sent {
  id: number
  call: string
  args: Record<string, unknown>
}

const sent: (Sent & { to: string })[] = []
let hear: (event: unknown) => void = () => undefined
let replies: Record<string, (args: Record<string, unknown>) => object> = {}
let origin = SANDBOX

beforeEach(() => {
  sent.length = 0
  origin = SANDBOX
  replies = { hello: () => ({ ok: true, result: { phone: 'wang', name: 'Wang', locale: 'en' } }), login: () => ({ ok: true, result: { code: 'c1' } }) }
  const around = {
    postMessage: (message: Sent, to: string) => {
      sent.push({ ...message, to })
      const reply = replies[message.call]?.(message.args)
      if (reply) queueMicrotask(() => hear({ origin, source: around, data: { onetrip: 1, id: message.id, ...reply } }))
    },
  }
  vi.stubGlobal('location', { search: '?phone=wang', origin: 'http://127.0.0.1:8000' })
  vi.stubGlobal('window', { parent: around, addEventListener: (_: string, listener: typeof hear) => (hear = listener), removeEventListener: () => (hear = () => undefined) })
})

function server(sandbox_origin: string | null): void {
  serve(({ url }) => (url.endsWith('/config') ? { body: { sandbox_origin } } : { body: { token: 'tok', me: {} } }))
}

async function session() {
  await (await import('@/i18n')).textsReady()
  const mine = (await import('@/session')).useSession()
  await mine.ready
  return mine
}

test('inside the sandbox the phone greets, logs in and keeps its things under its own name', async () => {
  server(SANDBOX)
  const mine = await session()
  expect(sent.map((one) => [one.call, one.to])).toEqual([['hello', SANDBOX], ['login', SANDBOX]])
  expect(mine.token).toBe('tok')
  expect(stored.get('onetrip.wang.token')).toBe('"tok"')
  expect((await import('@/i18n')).locale.value).toBe('en')
})

test('a page that frames us without the server naming it is not spoken to', async () => {
  server(null)
  const mine = await session()
  expect(sent).toEqual([])
  expect(mine.loggedIn).toBe(false)
})

test('an answer from elsewhere is not heard', async () => {
  server(SANDBOX)
  origin = 'http://evil.example'
  vi.useFakeTimers()
  const mine = (await import('@/session')).useSession()
  await vi.advanceTimersByTimeAsync(900)
  await mine.ready
  expect(mine.loggedIn).toBe(false)
  expect((await import('@/platform/bridge')).sandboxPhone()).toBeNull()
  vi.useRealTimers()
})

test('a message that is opened in the chat opens its page', async () => {
  server(SANDBOX)
  await session()
  hear({ origin: SANDBOX, data: { onetrip: 1, event: 'navigate', path: '/features/booking/pages/detail?id=b1' } })
  hear({ origin: 'http://evil.example', data: { onetrip: 1, event: 'navigate', path: '/pages/me' } })
  expect(went).toEqual([{ way: 'navigateTo', url: '/features/booking/pages/detail?id=b1' }])
})

test('scanning gives what the picker gave, or nothing when it was closed', async () => {
  server(SANDBOX)
  await session()
  const { scan } = await import('@/platform/scan')
  replies.scanCode = () => ({ ok: true, result: { result: 'http://x/q/abc' } })
  expect(await scan()).toBe('http://x/q/abc')
  replies.scanCode = () => ({ ok: false, errCode: -1, errMsg: 'scanCode:fail cancel' })
  expect(await scan()).toBeNull()
})

test('subscriptions are answered by the sandbox', async () => {
  server(SANDBOX)
  await session()
  replies.requestSubscribeMessage = ({ tmplIds }) => ({ ok: true, result: Object.fromEntries((tmplIds as string[]).map((id) => [id, 'accept'])) })
  const { askToSubscribe } = await import('@/platform/subscribe')
  expect(await askToSubscribe(['t1'], 'n1')).toEqual({ nonce: 'n1', results: [{ template_id: 't1', outcome: 'accept' }] })
  expect(asked.every((one) => !one.url.includes('subscri'))).toBe(true)
})

test('a tap asks for three at most, and for nothing where there is nothing to ask', async () => {
  server(SANDBOX)
  await session()
  const asks: string[][] = []
  replies.requestSubscribeMessage = ({ tmplIds }) => {
    asks.push(tmplIds as string[])
    return { ok: true, result: Object.fromEntries((tmplIds as string[]).map((id) => [id, 'accept'])) }
  }
  const { askToSubscribe } = await import('@/platform/subscribe')
  expect((await askToSubscribe(['t1', 't2', 't3', 't4'], 'n2'))?.results.map((one) => one.template_id)).toEqual(['t1', 't2', 't3'])
  expect(await askToSubscribe([], 'n3')).toBeNull()
  expect(asks).toEqual([['t1', 't2', 't3']])
})

test('what was refused in a matter is not asked again by its taps', async () => {
  server(SANDBOX)
  await session()
  const asks: string[][] = []
  replies.requestSubscribeMessage = ({ tmplIds }) => {
    asks.push(tmplIds as string[])
    return { ok: true, result: Object.fromEntries((tmplIds as string[]).map((id) => [id, id === 't1' ? 'reject' : 'accept'])) }
  }
  const { askAlong } = await import('@/subscriptions')
  await askAlong('matter', ['t1', 't2'], 'n4')
  await askAlong('matter', ['t1', 't2'], 'n5')
  await askAlong('another', ['t1'], 'n6')
  expect(asks).toEqual([['t1', 't2'], ['t2'], ['t1']])
})

test('the code on the screen is told, follows its changes, and is taken back when the page goes', async () => {
  server(SANDBOX)
  await session()
  const { ref, nextTick } = await import('vue')
  const { holdUp } = await import('@/platform/code')
  const { happen } = await import('./lifecycle')
  const text = ref('one')
  sent.length = 0
  holdUp(() => (text.value ? { text: text.value, label: 'x' } : null))
  text.value = 'two'
  await nextTick()
  await happen('hide')
  await happen('show')
  await happen('unload')
  expect(sent.map((one) => `${one.call} ${String(one.args.text)}`)).toEqual(['codeShown one', 'codeHidden one', 'codeShown two', 'codeHidden two', 'codeShown two', 'codeHidden two'])
})
