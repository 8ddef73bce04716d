/** What the page of free times offers: parts of a day as people name them, and only parties that can have the place. */
import { expect, test } from 'vitest'
import type { SlotOut } from '@/api/schema'
import { asked, serve } from './phone'

const slot = (clock: string): SlotOut => ({ id: clock, starts_at: `2026-11-20T${clock}:00+08:00`, ends_at: `2026-11-20T${clock}:00+08:00`, free: 1, full: false })

test('what begins at six in the evening is not called an afternoon', async () => {
  const { parts } = await import('@/features/booking/booking')
  const shown = parts(['08:30', '11:59', '12:00', '17:59', '18:00', '23:30'].map(slot))
  expect(shown.map((part) => [part.key, part.slots.map((one) => one.id)])).toEqual([
    ['morning', ['08:30', '11:59']],
    ['afternoon', ['12:00', '17:59']],
    ['evening', ['18:00', '23:30']],
  ])
  expect(parts([slot('19:00')]).map((part) => part.key)).toEqual(['evening'])
})

test('what is only kept is sent as such, and a tap on booking sends the wish itself', async () => {
  await (await import('@/i18n')).textsReady()
  const { useBook } = await import('@/features/booking/booking')
  serve(() => ({ status: 201, body: { id: 'b' } }))
  const { book } = useBook()
  const wish = { item_id: 'i', slot_id: 's', party: 'person:1', ticked: ['id'] }
  await book({ ...wish, hold: true }, [])
  await book({ ...wish, hold: false }, [])
  expect(asked.map((one) => one.data)).toMatchObject([
    { slot_id: 's', hold: true, for_person_id: '1', enterprise_id: null, subscriptions: null },
    { slot_id: 's', hold: false, for_person_id: '1', ticked: ['id'] },
  ])
})

test('a hall that books far ahead is looked at month by month, and past a month that takes nobody', async () => {
  await (await import('@/i18n')).textsReady()
  const { pickScreen } = await import('@/features/booking/booking')
  const day = (date: string, open: boolean) => ({ date, open, free: open ? 1 : 0, slots: [] })
  const months: Record<string, object> = {
    first: { days: [day('2026-11-20', false)], next: '2026-12-25' },
    '2026-12-25': { days: [day('2026-12-25', true)], next: '2027-01-25' },
    '2027-01-25': { days: [day('2027-01-25', true)], next: null },
  }
  serve((call) => {
    const from = /from=([\d-]+)/.exec(call.url)?.[1] ?? 'first'
    return { status: 200, body: call.url.includes('/availability') ? months[from] : { item: { id: 'i' } } }
  })
  const days = async (count: number): Promise<string[]> => (await pickScreen({ item: 'i', hall: 'h' }, count)).availability.days.map((one) => one.date)
  expect(await days(1)).toEqual(['2026-11-20', '2026-12-25'])
  expect(await days(3)).toEqual(['2026-11-20', '2026-12-25', '2027-01-25'])
  expect((await pickScreen({ item: 'i', hall: 'h' }, 9)).availability.next).toBeNull()
})
