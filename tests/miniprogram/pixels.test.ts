/** A photo that is too small is told before it is sent. */
import { beforeEach, expect, test } from 'vitest'
import type { Pixels } from '@/api/schema'
import './phone'

beforeEach(async () => (await import('@/i18n')).textsReady())

const asked = (bounds: Partial<Pixels>): Pixels => ({ least_width: null, least_height: null, most_width: null, most_height: null, ...bounds })
const LEAST = { least_width: 358, least_height: 441 }
const MOST = { most_width: 716, most_height: 882 }

test.each([
  [{ ...LEAST, most_width: 358, most_height: 441 }, '须为 358×441 像素', [358, 441], [359, 441]],
  [LEAST, '不小于 358×441 像素', [4000, 3000], [441, 358]],
  [MOST, '不大于 716×882 像素', [1, 1], [716, 883]],
  [{ ...LEAST, ...MOST }, '不小于 358×441、不大于 716×882 像素', [500, 600], [800, 600]],
])('%o is said and checked', async (bounds, said, right, wrong) => {
  const { pixelsFit, pixelsText } = await import('@/pixels')
  const pixels = asked(bounds)
  expect(pixelsText(pixels)).toBe(said)
  expect(pixelsFit(pixels, right[0]!, right[1]!)).toBe(true)
  expect(pixelsFit(pixels, wrong[0]!, wrong[1]!)).toBe(false)
})
