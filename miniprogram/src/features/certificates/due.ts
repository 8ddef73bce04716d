/**
 * Which code is due so many milliseconds after they came; -1 once they are used up. Only differences count, so a phone
 * with a wrong clock shows the right one.
 */
export function due(elapsed: number, seconds: number, count: number): number {
  const step = Math.max(0, Math.floor(elapsed / (seconds * 1000)))
  return step < count ? step : -1
}
