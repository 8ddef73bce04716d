import { expect, test } from 'vitest'
import { bookingTone } from '@/tones'

test.each(['served', 'cancelled', 'expired'])('a visit that is over and went as it should is grey: %s', (state) => expect(bookingTone(state)).toBe('grey'))

test.each([['requested', 'amber'], ['confirmed', 'green'], ['checked_in', 'green'], ['declined', 'red'], ['no_show', 'red']])('%s is %s', (state, tone) => expect(bookingTone(state)).toBe(tone))
