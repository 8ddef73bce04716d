/** A page's one question to the server: asked when it opens, when it comes back and when it is pulled down. */
import { onHide, onLoad, onPullDownRefresh, onShow, onUnload } from '@dcloudio/uni-app'
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { AppError } from '@/api/errors'
import { t } from '@/i18n'
import { stopRefresh } from '@/platform/screen'

export type PageQuery = Record<string, string | undefined>

export interface ScreenState<T> {
  data: ShallowRef<T | null>
  problem: ShallowRef<AppError | null>
  loading: Ref<boolean>
  visible: Ref<boolean>
  query: Ref<PageQuery>
  reload(): Promise<void>
}

function asAppError(problem: unknown): AppError {
  return problem instanceof AppError ? problem : new AppError({ code: 'unexpected', text: t('common.problem.unexpected') })
}

/** WeChat hands the query over still encoded, a browser decoded. */
export function decoded(query: PageQuery = {}): PageQuery {
  const plain = (value: string): string => {
    try {
      return decodeURIComponent(value)
    } catch {
      return value
    }
  }
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, plain(value ?? '')]))
}

export function useScreen<T>(load: (query: PageQuery) => Promise<T>): ScreenState<T> {
  const data: ShallowRef<T | null> = shallowRef(null)
  const problem: ShallowRef<AppError | null> = shallowRef(null)
  const loading = ref(true)
  const visible = ref(true)
  const query = ref<PageQuery>({})
  let turn = 0

  /** What is on the screen stays there while newer data comes, and when it does not come. */
  async function reload(): Promise<void> {
    const mine = ++turn
    try {
      const fresh = await load(query.value)
      if (mine !== turn) return
      data.value = fresh
      problem.value = null
    } catch (reason) {
      const told = asAppError(reason)
      const known = data.value !== null && (told.status === 0 || told.status >= 500)
      if (mine === turn && !known) problem.value = told
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  onLoad((given) => {
    query.value = decoded(given as PageQuery)
  })
  onShow(() => {
    visible.value = true
    void reload()
  })
  onHide(() => (visible.value = false))
  onPullDownRefresh(async () => {
    await reload()
    stopRefresh()
  })

  return { data, problem, loading, visible, query, reload }
}

const LOOK_AGAIN = 8_000

/** While somebody else has the next move, the page looks again by itself as long as it is looked at. */
export function useLookingAgain(pending: () => boolean, reload: () => Promise<void>): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let shown = false

  function stop(): void {
    shown = false
    clearTimeout(timer)
  }

  async function look(): Promise<void> {
    if (pending()) await reload()
    if (shown) start()
  }

  function start(): void {
    shown = true
    clearTimeout(timer)
    timer = setTimeout(() => void look(), LOOK_AGAIN)
  }

  onShow(start)
  onHide(stop)
  onUnload(stop)
}
