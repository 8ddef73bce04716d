/** A phone lent to a walk: the owner's login comes back, and nothing begun as the test person goes on under their name. */
import { expect, test } from 'vitest'
import { asked, serve, stored, went } from './phone'

const login = (token: string): never => ({ token, me: { account_id: 'w', walk: 'WALK-00007' } }) as never
const kept = (name: string): unknown => JSON.parse(String(stored.get(`onetrip..${name}`) ?? 'null'))

async function session(own = '') {
  if (own) stored.set('onetrip..token', JSON.stringify(own))
  await (await import('@/i18n')).textsReady()
  return (await import('@/session')).useSession()
}

test('the phone becomes the test person and is its owner again afterwards', async () => {
  const mine = await session('own')
  mine.lend(login('walk'))
  expect([mine.token, mine.lent?.number, kept('walk')]).toEqual(['walk', 'WALK-00007', { number: 'WALK-00007', own: 'own' }])
  expect(went.at(-1)).toEqual({ way: 'reLaunch', url: '/pages/home' })
  serve(() => ({ status: 204 }))
  await mine.leaveWalk()
  expect(asked.at(-1)?.header.Authorization).toBe('Bearer walk')
  expect([mine.token, mine.lent, kept('token'), stored.has('onetrip..walk')]).toEqual(['own', null, 'own', false])
})

test('a second code on the same phone does not take the owner for the first test person', async () => {
  const mine = await session('own')
  mine.lend(login('walk'))
  mine.lend(login('other'))
  serve(() => ({ status: 204 }))
  await mine.leaveWalk()
  expect(mine.token).toBe('own')
})

test('a walk that has ended gives the phone back and repeats no deed under the owner\'s name', async () => {
  const mine = await session('own')
  mine.lend(login('walk'))
  serve((one) => (one.header.Authorization === 'Bearer walk' ? { status: 401, body: { code: 'unauthenticated', detail: 'x' } } : { status: 200, body: {} }))
  const { request } = await import('@/api/client')
  const deeds = [request('POST /me/consent', { body: { version: '1' } }), request('POST /me/consent', { body: { version: '1' } })]
  expect((await Promise.allSettled(deeds)).map((one) => one.status)).toEqual(['rejected', 'rejected'])
  expect(asked.filter((one) => one.header.Authorization === 'Bearer own')).toEqual([])
  expect(mine.token).toBe('own')
})

test('a phone that was closed meanwhile still knows that it is lent', async () => {
  stored.set('onetrip..token', '"walk"')
  stored.set('onetrip..walk', JSON.stringify({ number: 'WALK-00007', own: 'own' }))
  const mine = await session()
  expect(mine.lent?.number).toBe('WALK-00007')
  expect(await mine.renew('walk')).toBe(false)
  expect(mine.token).toBe('own')
})
