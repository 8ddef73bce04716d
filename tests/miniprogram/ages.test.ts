/** An age that a guide asks for is held against the date of birth: of an answer a word, of the guide a refusal. */
import { beforeEach, describe, expect, test } from 'vitest'
import './phone'

beforeEach(async () => (await import('@/i18n')).textsReady())
const hint = async (...given: Parameters<typeof import('@/ages').ageHint>) => (await import('@/ages')).ageHint(...given)

describe('an age that fits, or is not known, says nothing', () => {
  test.each([
    [{ at_least: 80 }, 80],
    [{ below: 16 }, 15],
    [{ at_least: 16, below: 60 }, 16],
    [{ below: 16 }, 0],
    [{ at_least: 80 }, null],
    [null, 30],
  ])('%o at %o', async (ages, age) => expect(await hint(ages, age)).toBe(''))
})

test('another age is told, with the age and the rule', async () => {
  expect(await hint({ at_least: 80 }, 35)).toMatch(/年满 80 周岁.*您现在 35 周岁/)
  expect(await hint({ below: 16 }, 16)).toMatch(/未满 16 周岁/)
  expect(await hint({ at_least: 16, below: 60 }, 60)).toMatch(/年满 16 周岁、未满 60 周岁/)
  expect(await hint({ below: 16 }, 0)).toBe('')
  expect(await hint({ at_least: 16 }, 0, '王*一')).toMatch(/王\*一现在 0 周岁/)
})

test('who a guide is not for is told so by name, and whose age nobody knows is not refused', async () => {
  const { ageRefusal } = await import('@/ages')
  expect(ageRefusal({ at_least: 60, below: null }, 9, '王*雨')).toMatch(/年满 60 周岁.*王\*雨现在 9 周岁/)
  expect(ageRefusal({ at_least: 60, below: null }, 60, '王*雨')).toBe('')
  expect(ageRefusal({ at_least: 60, below: null }, null, '王*雨')).toBe('')
  expect(ageRefusal(null, 9, '王*雨')).toBe('')
})

test('a moment is written as the wire writes it', async () => {
  const { wireTime } = await import('@/dates')
  expect(wireTime(Date.parse('2026-11-20T16:30:00Z'))).toBe('2026-11-21T00:30:00+08:00')
})
