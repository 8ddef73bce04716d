/** Finding a service. */
import { ref, type Ref } from 'vue'
import { request, type Reply } from '@/api/client'
import type { GuideOut } from '@/api/schema'
import { hand } from '@/handover'
import { keep, recall } from '@/platform/storage'

const RECENT = 'recent-searches'
const MOST_RECENT = 8
const PAUSE = 200

export interface Wanted {
  q: string
  audience?: string
  theme?: string
  cursor?: string
}

/** An address may say anything; only what the catalogue knows is asked for. */
export function find({ audience, ...wanted }: Wanted): Promise<Reply<'GET /items'>> {
  const whose = audience === 'person' || audience === 'enterprise' ? audience : null
  return request('GET /items', { query: { ...wanted, audience: whose } })
}

/** The guide of an item. Booking and applying show parts of it, so it is handed on rather than fetched again. */
export async function guide(id: string): Promise<GuideOut> {
  const screen = await request('GET /items/{item_id}', { params: { item_id: id } })
  hand(`guide.${id}`, screen)
  return screen
}

export const recentSearches = (): string[] => recall<string[]>(RECENT) ?? []

export function rememberSearch(words: string): string[] {
  const text = words.trim()
  if (text === '') return recentSearches()
  const recent = [text, ...recentSearches().filter((one) => one !== text)].slice(0, MOST_RECENT)
  keep(RECENT, recent)
  return recent
}

interface Suggestions {
  suggestions: Ref<{ id: string; name: string }[]>
  ask(words: string): void
  clear(): void
}

/** Names that fit what is being typed, asked for when the fingers rest. */
export function useSuggestions(): Suggestions {
  const suggestions = ref<{ id: string; name: string }[]>([])
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  async function fetch(words: string, mine: number): Promise<void> {
    try {
      const found = await request('GET /items/suggest', { query: { q: words } })
      if (mine === turn) suggestions.value = found.items.slice(0, 6)
    } catch {
      // Suggestions are a courtesy: without them one still searches.
      if (mine === turn) suggestions.value = []
    }
  }

  function clear(): void {
    turn++
    clearTimeout(timer)
    suggestions.value = []
  }

  function ask(words: string): void {
    clear()
    if (words.trim() === '') return
    const mine = turn
    timer = setTimeout(() => void fetch(words, mine), PAUSE)
  }

  return { suggestions, ask, clear }
}
