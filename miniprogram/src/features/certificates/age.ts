/** How long the codes have been here. A phone's clock may be wrong, and may be moved meanwhile by hand or by the network. */

/** More than a second's tick can be late, less than anybody would move a clock. */
const JUMP = 5_000
const TICK = 1_000

interface Age {
  /** Milliseconds so far; never less than the time before. */
  readonly now: number
  /** Told about once a second while the page is looked at; true when the clock was moved, so that the age is a guess. */
  tick(): boolean
  sleep(): void
  /** Told when the page is looked at again; false when nobody can say how long it was away. */
  wake(): boolean
}

/** A clock that nobody can set. It may stand still while the phone sleeps, and WeChat has none. */
const steady = (): number | null => (typeof performance === 'undefined' || !performance.now ? null : performance.now())

export function startAge(): Age {
  let gone = 0
  let wall = Date.now()
  let own = steady()

  function since(): { byWall: number; byOwn: number | null } {
    const [wallNow, ownNow] = [Date.now(), steady()]
    const passed = { byWall: wallNow - wall, byOwn: ownNow === null || own === null ? null : ownNow - own }
    ;[wall, own] = [wallNow, ownNow]
    return passed
  }

  function tick(): boolean {
    const { byWall, byOwn } = since()
    const moved = byOwn === null ? byWall < 0 || byWall > JUMP : Math.abs(byWall - byOwn) > JUMP
    gone += byOwn ?? (moved ? TICK : byWall)
    return moved
  }

  function wake(): boolean {
    const { byWall, byOwn } = since()
    // Asleep, only the clock on the wall goes on: set back, it says less than is true.
    const known = byWall >= Math.max(0, (byOwn ?? 0) - TICK)
    gone += Math.max(byWall, byOwn ?? 0, 0)
    return known
  }

  return {
    get now() {
      return gone
    },
    tick,
    sleep: () => void tick(),
    wake,
  }
}
