/** Saying how it was. All five answers are equally easy, and none is asked for twice. */
import { computed, ref, watch, type ComputedRef, type Ref } from 'vue'
import { request } from '@/api/client'
import { useDeed, type Deed } from '@/api/deed'
import type { FormOut, RateIn, Level as LevelName, LevelOut, PlaceOut } from '@/api/schema'

export type Level = LevelOut

export const form = (token: string): Promise<FormOut> => request('GET /ratings/form', { query: { token } })
/** What a poster or a number's slip leads to. */
export const place = (query: { token?: string; slip?: string }): Promise<PlaceOut> => request('GET /ratings/place', { query })
/** Saying what one thinks of the answer to a bad rating. */
export const useJudge = (): Deed<'POST /ratings/judge'> => useDeed('POST /ratings/judge')
/** Thinking better of one's own rating, once and within a day. */
export const useChange = (): Deed<'POST /ratings/change'> => useDeed('POST /ratings/change')
export const useRate = (): Deed<'POST /ratings'> => useDeed('POST /ratings')

/** Which way somebody came here: a scanned code or a link say so themselves; else it is this phone or this browser. */
export function via(said?: string): RateIn['via'] {
  if (said === 'code' || said === 'sms') return said
  let here: RateIn['via'] = 'mobile'
  // #ifdef H5
  here = 'web'
  // #endif
  return here
}

interface Opinion {
  level: Ref<LevelName | ''>
  tags: Ref<string[]>
  text: Ref<string>
  chosen: ComputedRef<Level | undefined>
  toggle(code: string): void
}

/** What is being said. Tags belong to a level: another level starts without any. */
export function useOpinion(levels: () => Level[]): Opinion {
  const level = ref<LevelName | ''>('')
  const tags = ref<string[]>([])
  const text = ref('')
  const chosen = computed(() => levels().find((one) => one.level === level.value))
  watch(level, () => (tags.value = []))

  function toggle(code: string): void {
    tags.value = tags.value.includes(code) ? tags.value.filter((one) => one !== code) : [...tags.value, code]
  }

  return { level, tags, text, chosen, toggle }
}
