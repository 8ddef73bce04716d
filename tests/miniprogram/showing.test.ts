/** Which code a phone shows depends on how long the codes have been here, and on nothing else. */
import { expect, it } from 'vitest'
import { due } from '@/features/certificates/due'

it('goes on to the next code each half minute, and ends with the last', () => {
  expect([0, 29_999, 30_000, 61_000, 599_999, 600_000].map((elapsed) => due(elapsed, 30, 20))).toEqual([0, 0, 1, 2, 19, -1])
})

it('shows the first when the clock was set back a little', () => {
  expect(due(-500, 30, 20)).toBe(0)
})
