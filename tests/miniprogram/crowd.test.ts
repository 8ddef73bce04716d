/** How busy a hall is and when to come, as the guide page says it. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { CrowdOut } from '@/api/schema'

let bestTimes: (crowd: CrowdOut) => string
let waitingNow: (crowd: CrowdOut) => string

beforeEach(async () => {
  await (await import('@/i18n')).textsReady()
  ;({ bestTimes, waitingNow } = await import('@/features/catalogue/crowd'))
})

const crowd = (more: Partial<CrowdOut>): CrowdOut => ({ hall_id: 'h', waiting: 0, wait: null, level: 'quiet', enough: true, quiet: [], ...more })
const hours = [
  { weekday: 2, hour: 10, text: '周二 10–11 点' },
  { weekday: 4, hour: 15, text: '周四 15–16 点' },
]

describe('the best time to come', () => {
  test('names each quiet hour', () => expect(bestTimes(crowd({ quiet: hours }))).toBe('人少的时段：周二 10–11 点、周四 15–16 点'))
  test('is not made up where too few visits are known', () => expect(bestTimes(crowd({ enough: false, quiet: hours }))).toBe('取号记录还太少，说不准什么时候人少'))
  test('is not said where no hour is quieter', () => expect(bestTimes(crowd({}))).toBe(''))
})

describe('how busy it is now', () => {
  test('says nothing where nobody waits', () => expect(waitingNow(crowd({}))).toBe(''))
  test('says how many and how long', () => expect(waitingNow(crowd({ waiting: 4, wait: { low: 10, high: 20 } }))).toBe('现在 4 人在等，约等 10–20 分钟'))
  test('promises no wait from nothing', () => expect(waitingNow(crowd({ waiting: 1, wait: { low: 0, high: 5 } }))).toBe('现在 1 人在等，约等 5 分钟以内'))
})
