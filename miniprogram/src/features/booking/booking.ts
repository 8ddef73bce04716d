/** Taking a time, keeping it, giving it back. */
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import { request, type Reply } from '@/api/client'
import { useDeed, type Deed } from '@/api/deed'
import type { AvailabilityOut, BookingOut, DayOut, GuideOut, SlotOut, StandingOut } from '@/api/schema'
import { clockOf, today } from '@/dates'
import { guideOf } from '@/guides'
import { askAlong } from '@/subscriptions'
import type { PageQuery } from '@/screen'

export interface PickScreen {
  guide: GuideOut
  availability: AvailabilityOut
  /** The booking that is to be moved, when one is. */
  moving: BookingOut | null
}

/** The hall's months, as many as are looked at. The guide is at hand when one comes from it, so this is one question. */
export async function pickScreen({ item = '', hall = '', booking: id = '' }: PageQuery, months = 1): Promise<PickScreen> {
  const [guide, availability, moving] = await Promise.all([guideOf(item), monthsOf(item, hall, months), id ? booking(id) : null])
  return { guide, availability, moving }
}

/** One month behind the other; a hall that takes nobody for a month is looked at further on by itself. */
async function monthsOf(item: string, hall: string, months: number): Promise<AvailabilityOut> {
  const month = (from?: string): Promise<AvailabilityOut> => request('GET /availability', { query: { item_id: item, hall_id: hall, days: 31, from } })
  let known = await month()
  for (let n = 1; known.next && (n < months || !known.days.some((day) => day.open)); n++) {
    const later = await month(known.next)
    known = { ...later, days: [...known.days, ...later.days] }
  }
  return known
}

/** The days worth showing: from the first to the last that takes anybody. */
export function shownDays(days: DayOut[]): DayOut[] {
  const open = days.map((day, n) => (day.open ? n : -1)).filter((n) => n >= 0)
  return open.length > 0 ? days.slice(open[0], (open[open.length - 1] ?? 0) + 1) : []
}

export const firstFree = (days: DayOut[]): string => days.find((day) => day.open && day.free > 0)?.date ?? days.find((day) => day.open)?.date ?? ''

const PARTS = [
  { key: 'morning', from: '00:00', to: '12:00' },
  { key: 'afternoon', from: '12:00', to: '18:00' },
  { key: 'evening', from: '18:00', to: '24:00' },
] as const

/** Mornings, afternoons and evenings, for those who think in them. */
export function parts(slots: SlotOut[]): { key: (typeof PARTS)[number]['key']; slots: SlotOut[] }[] {
  const within = (from: string, to: string): SlotOut[] => slots.filter((slot) => clockOf(slot.starts_at) >= from && clockOf(slot.starts_at) < to)
  return PARTS.map(({ key, from, to }) => ({ key, slots: within(from, to) })).filter((part) => part.slots.length > 0)
}

export interface Wish {
  /** Only kept for a few minutes, while the papers are looked for. */
  hold: boolean
  item_id: string
  slot_id: string
  /** `self`, `person:<id>` or `enterprise:<id>`. */
  party: string
  ticked: string[]
}

export function useBook(): { busy: Ref<boolean>; book(wish: Wish, templates: string[]): Promise<BookingOut> } {
  const deed = useDeed('POST /bookings')
  let asking: ReturnType<typeof askAlong> | null = null

  async function book(wish: Wish, templates: string[]): Promise<BookingOut> {
    const [kind, id = null] = wish.party.split(':')
    // WeChat's popup belongs to the tap: it comes before anything is sent.
    // A second tap while it is open waits for the same answer.
    // What is only kept has nothing to tell yet: it is asked for when the place is taken.
    if (!wish.hold) asking ??= askAlong(wish.item_id, templates, deed.nonce()).finally(() => (asking = null))
    const subscriptions = await asking
    const body = {
      item_id: wish.item_id,
      slot_id: wish.slot_id,
      hold: wish.hold,
      ticked: wish.ticked,
      for_person_id: kind === 'person' ? id : null,
      enterprise_id: kind === 'enterprise' ? id : null,
      subscriptions,
    }
    return deed.run({ body })
  }

  return { busy: deed.busy, book }
}

export const useReschedule = (): Deed<'POST /bookings/{booking_id}/reschedule'> => useDeed('POST /bookings/{booking_id}/reschedule')
export const useCancel = (): Deed<'POST /bookings/{booking_id}/cancel'> => useDeed('POST /bookings/{booking_id}/cancel')

/** While a hall has still to say yes. */
export const waiting = (state = ''): boolean => ['held', 'requested'].includes(state)

export const useRequest = (): Deed<'POST /bookings/{booking_id}/request'> => useDeed('POST /bookings/{booking_id}/request')
export const useTicks = (): Deed<'POST /bookings/{booking_id}/ticks'> => useDeed('POST /bookings/{booking_id}/ticks')
export const useAppeal = (): Deed<'POST /bookings/{booking_id}/appeal'> => useDeed('POST /bookings/{booking_id}/appeal')
export const useLeave = (): Deed<'POST /waits/{waiting_id}/leave'> => useDeed('POST /waits/{waiting_id}/leave')

/** The lines I stand in. */
export const waits = async (): Promise<StandingOut[]> => (await request('GET /waits')).items

/** Standing in line for a day that is full. */
export function useWait(): { busy: Ref<boolean>; wait(wish: Line, templates: string[]): Promise<StandingOut> } {
  const deed = useDeed('POST /waits')

  async function wait(wish: Line, templates: string[]): Promise<StandingOut> {
    const [kind, id = null] = wish.party.split(':')
    const subscriptions = await askAlong(wish.item_id, templates, deed.nonce())
    const line = { item_id: wish.item_id, hall_id: wish.hall_id, day: wish.day }
    return deed.run({ body: { ...line, for_person_id: kind === 'person' ? id : null, enterprise_id: kind === 'enterprise' ? id : null, subscriptions } })
  }

  return { busy: deed.busy, wait }
}

export interface Line {
  item_id: string
  hall_id: string
  day: string
  party: string
}

export const booking = (id: string): Promise<BookingOut> => request('GET /bookings/{booking_id}', { params: { booking_id: id } })
export const bookings = (state: string, cursor?: string): Promise<Reply<'GET /bookings'>> => request('GET /bookings', { query: { state, cursor } })

/** Today is the day to show the code and to be there. */
export const isToday = (time: string): boolean => time.slice(0, 10) === today()

export interface Chosen {
  day: Ref<string>
  slot: Ref<string>
  slots: ComputedRef<SlotOut[]>
  choose(day: string): void
}

/** Which day and which time; a time that has gone meanwhile is let go of. */
export function useChosen(days: () => DayOut[]): Chosen {
  const picked = ref('')
  const slotId = ref('')
  const day = computed(() => picked.value || firstFree(days()))
  const slots = computed(() => days().find((one) => one.date === day.value)?.slots ?? [])
  const slot = computed({
    get: () => (slots.value.some((one) => one.id === slotId.value && !one.full) ? slotId.value : ''),
    set: (id: string) => (slotId.value = id),
  })
  return { day, slot, slots, choose: (date) => (picked.value = date) }
}
