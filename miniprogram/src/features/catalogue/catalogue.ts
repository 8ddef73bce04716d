/** Finding a service. */
import { ref, type Ref } from 'vue'
import { request, type Reply } from '@/api/client'
import type { FiguresOut, GuideOut, HallFound, HallPageOut, HallView, Suggestion } from '@/api/schema'
import { hand } from '@/handover'
import { keep, recall } from '@/platform/storage'

const RECENT = 'recent-searches'
const MOST_RECENT = 8
const PAUSE = 200

export interface Wanted {
  q: string
  audience?: string
  theme?: string
  tag?: string
  cursor?: string
}

/** An address may say anything; only what the catalogue knows is asked for. */
export function find({ audience, tag, ...wanted }: Wanted): Promise<Reply<'GET /items'>> {
  const whose = audience === 'person' || audience === 'enterprise' ? audience : null
  return request('GET /items', { query: { ...wanted, audience: whose, tag: tag === 'theme' ? tag : null } })
}

/** What is told in public of an item's ratings. */
export const rated = (item: string): Promise<FiguresOut> => request('GET /ratings/figures', { query: { item_id: item } })

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

export const halls = (): Promise<HallView[]> => request('GET /halls')
export const hallPage = (id: string): Promise<HallPageOut> => request('GET /halls/{hall_id}', { params: { hall_id: id } })

export interface Suggested {
  items: Suggestion[]
  halls: HallFound[]
}

interface Suggestions {
  /** Null until the first answer: nothing is said about words that are still being looked up. */
  suggested: Ref<Suggested | null>
  ask(words: string): void
  clear(): void
}

/** Names that fit what is being typed, asked for when the fingers rest. */
export function useSuggestions(): Suggestions {
  const suggested = ref<Suggested | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  async function fetch(words: string, mine: number): Promise<void> {
    try {
      const found = await request('GET /items/suggest', { query: { q: words } })
      if (mine === turn) suggested.value = { items: found.items, halls: found.halls }
    } catch {
      // Suggestions are a courtesy: without them one still searches.
      if (mine === turn) suggested.value = null
    }
  }

  function clear(): void {
    turn++
    clearTimeout(timer)
    suggested.value = null
  }

  /** What was suggested before stays until the next answer is there, so that the list does not flicker. */
  function ask(words: string): void {
    if (words.trim() === '') return clear()
    turn++
    clearTimeout(timer)
    const mine = turn
    timer = setTimeout(() => void fetch(words, mine), PAUSE)
  }

  return { suggested, ask, clear }
}
