/** What a phone holds up is a code the checking side takes at that moment, wherever the phone was and whoever moved its clock. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { serve } from './phone'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** The checking side's rule, as `server/kit/rotating.py` has it: its own half minute and the next, and three seconds before. */
const [STEP, STEPS, EARLY] = [30_000, 20, 3_000]
const taken = (step: number, age: number): boolean => step * STEP - EARLY <= age && age < (step + 2) * STEP

/** The true time, the phone's idea of it, and its network. */
class World {
  time = Date.UTC(2026, 10, 21, 4)
  wrong = 0
  slept = 0
  online = true
  travels = 0
  given: number[] = []

  constructor(readonly steady: boolean) {
    vi.spyOn(Date, 'now').mockImplementation(() => this.time + this.wrong)
    vi.stubGlobal('performance', steady ? { now: () => this.time - this.slept } : undefined)
    serve(() => {
      if (!this.online) return { fail: 'request:fail' }
      const name = this.given.push(this.time) - 1
      const urls = Array.from({ length: STEPS }, (_, step) => `${name}/${step}`)
      return { status: 201, body: { token: 'x', urls, expires_at: '', refresh_seconds: STEP / 1000 }, after: new Promise((done) => setTimeout(done, this.travels)) }
    })
  }

  async pass(ms: number): Promise<void> {
    for (let rest = ms; rest > 0; rest -= 1000) {
      this.time += Math.min(rest, 1000)
      await vi.advanceTimersByTimeAsync(Math.min(rest, 1000))
    }
  }

  /** Nothing of the page runs while the phone is locked. */
  lock(ms: number, moved = 0): void {
    this.time += ms
    this.slept += ms
    this.wrong += moved
  }

  accepts(url: string): boolean {
    const [name, step] = url.split('/').map(Number)
    return taken(step, this.time - this.given[name])
  }
}

async function page(steady = true) {
  const world = new World(steady)
  const { happen } = await import('./lifecycle')
  const { usePresenting } = await import('@/features/certificates/certificates')
  const shown = usePresenting(() => 'c1')
  await happen('show')
  /** Touched, and waited for as long as the answer takes. */
  const touch = async (): Promise<void> => {
    let done = false
    void shown.present().then(() => (done = true))
    while (!done) await world.pass(100)
  }
  return { world, shown, touch, happen }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  return () => vi.useRealTimers()
})

it('goes on to the next code each half minute, and ends with the last', async () => {
  const { due } = await import('@/features/certificates/due')
  expect([0, 29_999, 30_000, 61_000, 599_999, 600_000].map((elapsed) => due(elapsed, 30, 20))).toEqual([0, 0, 1, 2, 19, -1])
})

describe('put away and taken out again', () => {
  it('is covered, and without network shows what is left at one touch', async () => {
    const { world, shown, touch, happen } = await page()
    await touch()
    expect(world.accepts(shown.url.value)).toBe(true)
    world.online = false
    await happen('hide')
    expect(shown.url.value).toBe('')
    world.lock(7 * MINUTE)
    await happen('show')
    expect(shown.url.value, 'covered until it is touched').toBe('')
    await touch()
    expect(shown.url.value).toBe('0/14')
    expect(world.accepts(shown.url.value)).toBe(true)
    expect(shown.problem.value).toBe(null)
  })

  it('never shows one for longer than its ten minutes', async () => {
    const { world, shown, touch, happen } = await page()
    await touch()
    world.online = false
    await happen('hide')
    world.lock(10 * MINUTE)
    await happen('show')
    await touch()
    expect(shown.url.value).toBe('')
    expect(shown.problem.value?.status).toBe(0)
    world.online = true
    await touch()
    expect(world.accepts(shown.url.value)).toBe(true)
    expect(shown.problem.value).toBe(null)
  })

  it('lets them go in its memory too, when nobody comes back', async () => {
    const { world, shown, touch, happen } = await page()
    await touch()
    world.online = false
    await happen('hide')
    expect(vi.getTimerCount()).toBe(1)
    await world.pass(10 * MINUTE)
    expect(vi.getTimerCount()).toBe(0)
    await happen('show')
    await touch()
    expect(shown.url.value).toBe('')
  })

  it('does not trust a clock that was set back while it was away', async () => {
    const { world, shown, touch, happen } = await page()
    await touch()
    world.online = false
    await happen('hide')
    world.lock(2 * MINUTE, -HOUR)
    await happen('show')
    await touch()
    expect(shown.url.value).toBe('')
  })

  it('is renewed behind its code as soon as there is network', async () => {
    const { world, shown, touch, happen } = await page()
    await touch()
    await happen('hide')
    world.lock(5 * MINUTE)
    await happen('show')
    world.travels = 2_000
    const touched = shown.present()
    expect(shown.url.value, 'at once').toBe('0/10')
    await world.pass(2_000)
    await touched
    expect(shown.url.value).toBe('1/0')
  })
})

it('ends at once with a certificate that is no longer valid', async () => {
  const { world, shown, touch } = await page()
  await touch()
  serve(() => ({ status: 409, body: { code: 'certificates.not_valid', detail: 'suspended' } }))
  await world.pass(61_000)
  expect(shown.url.value).toBe('')
  expect(shown.problem.value?.code).toBe('certificates.not_valid')
})

/** Numbers that look random and are the same each time (mulberry32). */
function chance(seed: number): (from: number, to: number) => number {
  let state = seed * 0x9e3779b9
  return (from, to) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return from + (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * (to - from)
  }
}

describe.each([true, false])('a clock nobody can set: %s', (steady) => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed + 1))('half an hour of a phone, way %i', async (seed) => {
    const random = chance(seed)
    const once = (in_seconds: number): boolean => random(0, in_seconds) < 1
    const { world, shown, touch, happen } = await page(steady)
    world.wrong = random(-HOUR, HOUR)
    let known = 0
    await touch()
    for (let second = 0; second < 1_800; second += 1) {
      world.travels = random(0, 900)
      if (once(200)) world.online = !world.online
      if (once(120)) world.wrong = random(-HOUR, HOUR)
      if (once(150)) {
        await happen('hide')
        world.lock(random(1_000, 4 * MINUTE))
        await happen('show')
        await touch()
      }
      await world.pass(1_000)
      if (shown.url.value) expect(world.accepts(shown.url.value), `${shown.url.value} at ${second}`).toBe(true)
      else if (world.online) await touch()
      else expect(world.time - Math.max(...world.given), 'only ten minutes after the last answer').toBeGreaterThan(10 * MINUTE - 3_000)
      known += Number(Boolean(shown.url.value))
    }
    expect(known, 'most of the time there is something to show').toBeGreaterThan(600)
  })
})
