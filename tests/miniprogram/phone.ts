/** A phone for tests: storage that starts empty, a server whose answers a test writes down, and what was asked of it. */
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, vi } from 'vitest'

export interface Asked {
  method: string
  url: string
  header: Record<string, string>
  data: unknown
}

interface Answer {
  status?: number
  body?: unknown
  header?: Record<string, string>
  fail?: string
  after?: Promise<unknown>
}

export const asked: Asked[] = []
export const stored = new Map<string, unknown>()
export const said: string[] = []
export const went: { way: string; url: string }[] = []
let answers: ((asked: Asked) => Answer) | undefined

/** What the server says from now on. */
export function serve(answer: (asked: Asked) => Answer): void {
  answers = answer
}

interface RequestOptions extends Asked {
  success(result: unknown): void
  fail(problem: unknown): void
}

async function request(options: RequestOptions): Promise<void> {
  const { method, url, header, data } = options
  asked.push({ method, url, header, data })
  const answer = answers?.({ method, url, header, data }) ?? { status: 404, body: { code: 'not_found', detail: 'nothing here' } }
  await answer.after
  if (answer.fail) options.fail({ errMsg: answer.fail })
  else options.success({ statusCode: answer.status ?? 200, data: answer.body ?? {}, header: answer.header ?? {} })
}

const going = (way: string) => (options: { url: string }) => void went.push({ way, url: options.url })

export const uni = {
  request,
  getStorageSync: (name: string) => stored.get(name) ?? '',
  setStorageSync: (name: string, value: unknown) => void stored.set(name, value),
  removeStorageSync: (name: string) => void stored.delete(name),
  getLocale: () => 'zh-Hans',
  showToast: (options: { title: string }) => void said.push(options.title),
  navigateTo: going('navigateTo'),
  redirectTo: going('redirectTo'),
  switchTab: going('switchTab'),
  reLaunch: going('reLaunch'),
  navigateBack: () => void went.push({ way: 'navigateBack', url: '' }),
  stopPullDownRefresh: () => undefined,
  setNavigationBarTitle: () => undefined,
}

beforeEach(() => {
  vi.resetModules()
  asked.length = said.length = went.length = 0
  stored.clear()
  answers = undefined
  setActivePinia(createPinia())
  vi.stubGlobal('uni', { ...uni })
  vi.stubGlobal('location', { search: '', origin: 'https://phone.test' })
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('parent', globalThis)
  vi.stubGlobal('getComputedStyle', () => ({ fontSize: '16px' }))
  vi.stubGlobal('document', { documentElement: {} })
  vi.stubGlobal('getCurrentPages', () => [{ route: 'pages/home' }])
})
