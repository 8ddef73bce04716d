import { expect, test } from 'vitest'
import { asked, serve } from './phone'

const keys = (): (string | undefined)[] => asked.map((one) => one.header['Idempotency-Key'])

async function deed() {
  await (await import('@/i18n')).textsReady()
  return (await import('@/api/deed')).useDeed('POST /me/consent')
}

const body = { body: { version: '1' } }

test('a second tap while the first is under way gets its answer', async () => {
  const agree = await deed()
  serve(() => ({ body: { account_id: 'a' } }))
  const [first, second] = await Promise.all([agree.run(body), agree.run(body)])
  expect(first).toBe(second)
  expect(asked).toHaveLength(1)
})

test('a deed without an answer keeps its key until it has one', async () => {
  const agree = await deed()
  let tries = 0
  serve(() => (++tries < 3 ? { fail: 'request:fail' } : { body: {} }))
  await expect(agree.run(body)).rejects.toMatchObject({ code: 'offline' })
  await expect(agree.run(body)).rejects.toMatchObject({ code: 'offline' })
  await agree.run(body)
  await agree.run(body)
  const [first, second, third, fourth] = keys()
  expect([second, third]).toEqual([first, first])
  expect(fourth).not.toBe(first)
})

test('a broken gateway leaves doubt, a refusal does not', async () => {
  const agree = await deed()
  const statuses = [502, 409, 200]
  serve(() => ({ status: statuses.shift(), body: { code: 'some_refusal' } }))
  await agree.run(body).catch(() => undefined)
  await agree.run(body).catch(() => undefined)
  await agree.run(body)
  const [first, second, third] = keys()
  expect(second).toBe(first)
  expect(third).not.toBe(first)
})

test('changed contents are another deed', async () => {
  const agree = await deed()
  serve(() => ({ fail: 'request:fail' }))
  await agree.run(body).catch(() => undefined)
  await agree.run({ body: { version: '2' } }).catch(() => undefined)
  expect(new Set(keys()).size).toBe(2)
})

test('it is busy exactly while it runs', async () => {
  const agree = await deed()
  serve(() => ({ body: {} }))
  const running = agree.run(body)
  expect(agree.busy.value).toBe(true)
  await running
  expect(agree.busy.value).toBe(false)
})
