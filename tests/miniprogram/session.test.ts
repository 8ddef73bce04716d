import { expect, test } from 'vitest'
import { asked, serve, stored } from './phone'

const token = (value: string): void => void stored.set('onetrip..token', JSON.stringify(value))

async function session() {
  await (await import('@/i18n')).textsReady()
  return (await import('@/session')).useSession()
}

test('a plain browser asks nothing before somebody logs in', async () => {
  const mine = await session()
  await mine.ready
  expect(mine.loggedIn).toBe(false)
  expect(await mine.refresh()).toBeNull()
  expect(asked).toEqual([])
})

test('a login is kept for the next time, and forgotten at the end', async () => {
  const mine = await session()
  mine.settle({ token: 't9', me: { account_id: 'a' } as never })
  expect(stored.get('onetrip..token')).toBe('"t9"')
  serve(() => ({ status: 204 }))
  await mine.logout()
  expect(mine.loggedIn).toBe(false)
  expect(stored.has('onetrip..token')).toBe(false)
})

test('leaving works without a network, too', async () => {
  token('t1')
  const mine = await session()
  serve(() => ({ fail: 'request:fail' }))
  await mine.logout()
  expect(mine.loggedIn).toBe(false)
})

test('a login that has ended logs the browser out, and does not try by itself', async () => {
  token('old')
  const mine = await session()
  serve(() => ({ status: 401, body: { code: 'unauthenticated', detail: 'x' } }))
  await expect(mine.refresh()).rejects.toMatchObject({ code: 'unauthenticated' })
  expect(mine.loggedIn).toBe(false)
  expect(asked).toHaveLength(1)
})

test('a newer token is used before another login is tried', async () => {
  token('new')
  const mine = await session()
  expect(await mine.renew('old')).toBe(true)
  expect(mine.token).toBe('new')
})

test('an answer that is older than a deed does not undo what the deed proved', async () => {
  token('t1')
  const mine = await session()
  let late = (): void => undefined
  serve(() => ({ body: { account_id: 'a', person: null }, after: new Promise<void>((resolve) => (late = resolve)) }))
  const asking = mine.refresh()
  await Promise.resolve()
  await new Promise((resolve) => setTimeout(resolve))
  mine.me = { account_id: 'a', person: { name: '陈*英' }, consent: true } as never
  late()
  await asking
  expect(mine.me?.person).toEqual({ name: '陈*英' })
})

test('what was told to nobody in particular is asked again by somebody who has logged in', async () => {
  const { hand, receive } = await import('@/handover')
  const mine = await session()
  hand('guide.g', { templates: { book: [] } })
  expect(receive('guide.g')).toBeDefined()
  mine.settle({ token: 't9', me: { account_id: 'a' } as never })
  expect(receive('guide.g')).toBeUndefined()
})

test('somebody who is logged in but not yet known is not sent to log in again', async () => {
  token('t1')
  await session()
  const { passed } = await import('@/gate')
  expect(passed()).toBe(true)
})

test('an address that no page answers to is told apart from those that one does', async () => {
  const { leadsNowhere } = await import('@/platform/browser')
  const known = [{ path: '/pages/home', alias: '/' }, { path: '/features/catalogue/pages/guide' }]
  expect(['#/nowhere', '#/pages/', '#/pages/homes?x=1', '#nonsense'].map((hash) => leadsNowhere(hash, known))).toEqual([true, true, true, true])
  expect(['', '#', '#/', '#/pages/home', '#/features/catalogue/pages/guide?id=1'].map((hash) => leadsNowhere(hash, known))).toEqual([false, false, false, false, false])
})
