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
