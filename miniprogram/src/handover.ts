/** What one page fetched and the next one shows too. In memory only, and soon too old to trust. */
const FRESH = 5 * 60_000
const handed = new Map<string, { value: unknown; at: number }>()

export function hand(name: string, value: unknown): void {
  handed.set(name, { value, at: Date.now() })
}

/** Somebody else is asking now: what the server told the one before may not be the same. */
export function letGo(): void {
  handed.clear()
}

export function receive<T>(name: string): T | undefined {
  const found = handed.get(name)
  return found && Date.now() - found.at < FRESH ? (found.value as T) : undefined
}
