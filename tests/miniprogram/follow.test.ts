/** The ticket page while the network fails, the server restarts, the phone sleeps and its clock jumps. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ref } from 'vue'
import type { TicketOut } from '@/api/schema'
import { asked, serve } from './phone'

let ahead = 9
let down: 'offline' | 'restarting' | 'gone' | '' = ''
const ticket = (): TicketOut => ({ id: 't', state: 'waiting', ahead, version: 100 + ahead }) as unknown as TicketOut

/** A long poll: it answers at once when there is anything else to see, otherwise after a while. */
function answer({ url }: { url: string }) {
  const seen = Number(new URL(url, 'https://phone.test').searchParams.get('version') ?? 0)
  if (down === 'offline') return { fail: 'request:fail' }
  if (down === 'restarting') return { status: 502, body: '<html>', after: new Promise((done) => setTimeout(done, 20)) }
  if (down === 'gone') return { status: 404, body: { code: 'not_found', detail: 'nothing here' } }
  const slow = new Promise<void>((done) => {
    const until = Date.now() + 25_000
    const look = (): void => void (ticket().version !== seen || Date.now() >= until || down ? done() : setTimeout(look, 100))
    look()
  })
  return {
    status: 200,
    after: slow,
    get body() {
      return ticket()
    },
  }
}

async function page() {
  serve(answer)
  await (await import('@/i18n')).textsReady()
  const { follow } = await import('@/features/queue/queue')
  const shown = ref<TicketOut | null>(ticket())
  const lost = vi.fn()
  const watching = follow(() => ({ id: 't' }), () => shown.value, (fresh) => (shown.value = fresh), lost)
  watching.start()
  return { shown, watching, lost }
}

beforeEach(() => {
  ahead = 9
  down = ''
  vi.useFakeTimers()
})
afterEach(() => vi.useRealTimers())

const after = (seconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(seconds * 1000)

describe('the live ticket', () => {
  test('hears of a change at once, and asks no more than it must', async () => {
    const { shown, watching } = await page()
    await after(60)
    expect(asked.length).toBeLessThanOrEqual(4)
    ahead = 8
    await after(1)
    expect(shown.value?.ahead).toBe(8)
    watching.stop()
  })

  test('a cut of a minute: it says so, keeps what it knew, and is right again soon after', async () => {
    const { shown, watching } = await page()
    await after(1)
    down = 'offline'
    await after(60)
    expect([shown.value?.ahead, watching.cutSince.value > 0]).toEqual([9, true])
    expect(asked.length).toBeLessThanOrEqual(30)
    ahead = 4
    down = ''
    await after(11)
    expect([shown.value?.ahead, watching.cutSince.value]).toEqual([4, 0])
    watching.stop()
  })

  test('a server that restarts is asked again, not given up', async () => {
    const { shown, watching } = await page()
    down = 'restarting'
    await after(20)
    ahead = 3
    down = ''
    await after(11)
    expect([shown.value?.ahead, watching.cutSince.value]).toEqual([3, 0])
    watching.stop()
  })

  test('asleep it asks nothing; shown again it knows at once what it slept through', async () => {
    const { shown, watching } = await page()
    await after(1)
    watching.stop()
    const before = asked.length
    ahead = 2
    await after(600)
    expect([shown.value?.ahead, asked.length]).toEqual([9, before])
    watching.start()
    await after(1)
    expect([shown.value?.ahead, asked.length]).toEqual([2, before + 2])
    watching.stop()
  })

  test('hidden and shown ten times there is still one who asks', async () => {
    const { watching } = await page()
    for (let n = 0; n < 10; n++) {
      watching.stop()
      watching.start()
    }
    await after(30)
    const before = asked.length
    await after(100)
    expect(asked.length - before).toBeLessThanOrEqual(5)
    watching.stop()
  })

  test('a phone clock that jumps by a day changes nothing', async () => {
    const { shown, watching } = await page()
    await after(1)
    vi.setSystemTime(Date.now() + 86_400_000)
    ahead = 1
    await after(30)
    vi.setSystemTime(Date.now() - 2 * 86_400_000)
    ahead = 0
    await after(30)
    expect([shown.value?.ahead, watching.cutSince.value]).toEqual([0, 0])
    watching.stop()
  })

  test('a ticket that is no longer there is said to be gone, not the network', async () => {
    const { watching, lost } = await page()
    await after(1)
    down = 'gone'
    await after(60)
    expect([lost.mock.calls.length, watching.cutSince.value]).toEqual([1, 0])
  })
})

describe('the time', () => {
  test('is the server\'s, whatever the phone\'s clock says', async () => {
    const { request } = await import('@/api/client')
    const { countdown, today } = await import('@/dates')
    vi.setSystemTime(Date.parse('2026-11-19T03:00:00Z'))
    serve(() => ({ body: {}, header: { Date: 'Sat, 21 Nov 2026 01:00:00 GMT' } }))
    await request('GET /waits')
    expect([today(), countdown('2026-11-21T09:10:00+08:00')]).toEqual(['2026-11-21', '10:00'])
    vi.setSystemTime(Date.parse('2026-11-21T01:00:01Z'))
    await request('GET /waits')
    expect(countdown('2026-11-21T09:10:01+08:00')).toBe('10:00')
  })
})
