/** A list that grows as it is scrolled. The first page is the screen's question, the rest follow at its end. */
import { onReachBottom } from '@dcloudio/uni-app'
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { AppError } from '@/api/errors'
import { explain } from '@/mend'
import { useScreen, type PageQuery, type ScreenState } from '@/screen'

interface Page<T> {
  items: T[]
  next: string | null
}

export interface Paged<T> {
  screen: ScreenState<Page<T>>
  items: ShallowRef<T[]>
  problem: ShallowRef<AppError | null>
  more: Ref<boolean>
  reload(): Promise<void>
  moreNow(): Promise<void>
}

/** The newest page laid over what is here: whoever has scrolled down stays where they are. */
export function laidOver<T extends { id: string }>(newest: T[], shown: T[]): T[] {
  const there = new Set(newest.map((one) => one.id))
  return [...newest, ...shown.filter((one) => !there.has(one.id))]
}

export function usePaged<T>(load: (query: PageQuery, cursor: string | undefined) => Promise<Page<T>>): Paged<T> {
  const items: ShallowRef<T[]> = shallowRef([])
  const more = ref(false)
  let cursor: string | null = null
  let busy = false

  const screen = useScreen(async (query) => {
    const page = await load(query, undefined)
    items.value = page.items
    cursor = page.next
    more.value = page.next !== null
    return page
  })

  async function moreNow(): Promise<void> {
    if (busy || cursor === null) return
    busy = true
    const asked = cursor
    try {
      const page = await load(screen.query.value, asked)
      // A reload in between has started the list anew.
      if (cursor !== asked) return
      items.value = [...items.value, ...page.items]
      cursor = page.next
      more.value = page.next !== null
    } catch (problem) {
      explain(problem)
    } finally {
      busy = false
    }
  }

  onReachBottom(moreNow)
  return { screen, items, problem: screen.problem, more, reload: screen.reload, moreNow }
}
