/** Where a refusal leads: the page on which one goes on. */
import type { AppError } from '@/api/errors'

export interface Way {
  page: string
  /** The text on its button. */
  label: string
}

const BOOKINGS: Way = { page: '/features/booking/pages/list', label: 'booking.list.title' }
const ENTERPRISES: Way = { page: '/features/identity/pages/enterprises', label: 'identity.enterprises.title' }
const GUIDE = '/features/catalogue/pages/guide'
const HALLS: Way = { page: '/features/catalogue/pages/halls', label: 'catalogue.halls' }
const SERVICES: Way = { page: '/pages/services', label: 'booking.list.find' }
const SCAN: Way = { page: '/features/codes/pages/scan', label: 'common.scan.title' }

export const WAYS: Record<string, Way> = {
  'booking.already_booked': BOOKINGS,
  'booking.already_waiting': BOOKINGS,
  'booking.appeal_late': HALLS,
  'booking.appealed': BOOKINGS,
  'booking.blocked': BOOKINGS,
  'booking.cut_off': BOOKINGS,
  'booking.enterprise_only': ENTERPRISES,
  'booking.item_limit': BOOKINGS,
  'booking.limit_in_all': BOOKINGS,
  'booking.limit_reached': BOOKINGS,
  'booking.not_bookable': HALLS,
  'booking.not_in_this_hall': HALLS,
  'booking.too_many_waits': BOOKINGS,
  'booking.wrong_state': BOOKINGS,
  'cases.enterprise_only': ENTERPRISES,
  'codes.expired': SCAN,
  'codes.unknown': SCAN,
  'codes.used': SCAN,
  'codes.wrong_kind': SCAN,
  'queue.already_served': BOOKINGS,
  'queue.booked_later': BOOKINGS,
  'queue.closed': SERVICES,
  'queue.closed_today': SERVICES,
  'queue.given_back': SCAN,
  'queue.kind_closed': SERVICES,
  'queue.no_window': HALLS,
  'queue.not_at_door': SCAN,
  'queue.not_taking': SERVICES,
  'queue.not_today': BOOKINGS,
  'queue.nothing_today': BOOKINGS,
  'queue.other_hall': BOOKINGS,
  'queue.too_early': BOOKINGS,
  'queue.too_many_live': BOOKINGS,
  'queue.too_many_today': HALLS,
}

/** What is mended on the page itself, which looks again: it shows the times that are left, or the button to choose another. */
export const HERE = new Set([
  'booking.busy',
  'booking.closed',
  'booking.day_free',
  'booking.hold_ended',
  'booking.nothing_to_wait_for',
  'booking.past',
  'booking.person_only',
  'booking.slot_full',
  'booking.slot_gone',
  'booking.wrong_slot_for_item',
  'queue.not_served',
])

/** What is under way already is gone on with on its own page, which the server names; so is the guide of what is for others. */
export function wayOf(problem: AppError | null): Way | undefined {
  if (problem?.page) return { page: problem.page, label: problem.page.startsWith(GUIDE) ? 'catalogue.open_guide' : 'thread.open' }
  return problem ? WAYS[problem.code] : undefined
}
