/** Small things kept on the phone. Several sandbox phones share one browser origin, so each has its own prefix. */

function prefix(): string {
  let key = ''
  // #ifdef H5
  key = new URLSearchParams(location.search).get('phone') ?? ''
  // #endif
  return `onetrip.${key}.`
}

const own = prefix()

export function keep(name: string, value: unknown): void {
  uni.setStorageSync(own + name, JSON.stringify(value))
}

export function recall<T>(name: string): T | undefined {
  const text: unknown = uni.getStorageSync(own + name)
  if (typeof text !== 'string' || text === '') return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    // Written by an older version or by somebody else's hand: as good as absent.
    return undefined
  }
}

export function forget(name: string): void {
  uni.removeStorageSync(own + name)
}
