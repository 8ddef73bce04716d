/** A page that waits for somebody else looks again by itself, and only while it is looked at. */
import { beforeEach, expect, test, vi } from 'vitest'
import './phone'

// Modules are fresh for every test, and so are the events they registered.
const happen = async (name: string): Promise<void> => (await import('./lifecycle')).happen(name)

beforeEach(() => {
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})

async function looking(pending: () => boolean) {
  const reload = vi.fn(async () => undefined)
  const { useLookingAgain } = await import('@/screen')
  useLookingAgain(pending, reload)
  await happen('show')
  return reload
}

test('it asks while something is pending, and stops with the page', async () => {
  const reload = await looking(() => true)
  await vi.advanceTimersByTimeAsync(25_000)
  expect(reload.mock.calls.length).toBe(3)
  await happen('hide')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(reload.mock.calls.length).toBe(3)
  await happen('show')
  await vi.advanceTimersByTimeAsync(9_000)
  expect(reload.mock.calls.length).toBe(4)
  await happen('unload')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(reload.mock.calls.length).toBe(4)
})

test('a page that is left while it asks does not go on', async () => {
  let answer: () => void = () => undefined
  const reload = vi.fn(() => new Promise<void>((resolve) => (answer = resolve)))
  const { useLookingAgain } = await import('@/screen')
  useLookingAgain(() => true, reload)
  await happen('show')
  await vi.advanceTimersByTimeAsync(9_000)
  await happen('hide')
  answer()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(reload).toHaveBeenCalledTimes(1)
})

test('nothing is asked when nobody has the next move', async () => {
  const reload = await looking(() => false)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(reload).not.toHaveBeenCalled()
})

test('for whom one came is remembered on the way, as long as one may act for them', async () => {
  const { choseParty, chosenParty } = await import('@/party')
  const offered = [{ value: 'self', label: 'I' }, { value: 'person:p1', label: 'Mother' }]
  choseParty('item-1', 'person:p1')
  expect(chosenParty('item-1', offered)).toBe('person:p1')
  expect(chosenParty('item-2', offered)).toBe('')
  expect(chosenParty('item-1', offered.slice(0, 1))).toBe('')
})
