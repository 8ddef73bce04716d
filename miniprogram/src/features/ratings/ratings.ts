/** Saying how it was. All five answers are equally easy, and none is asked for twice. */
import { computed, ref, watch, type ComputedRef, type Ref } from 'vue'
import { postBytes, request } from '@/api/client'
import { useDeed, type Deed } from '@/api/deed'
import type { FormOut, RateIn, Level as LevelName, LevelOut, PictureOut, PlaceOut } from '@/api/schema'
import { keep, recall } from '@/platform/storage'
import type { Picture } from '@/ui/Pictures.vue'

export type Level = LevelOut

const kept = (token: string): string => `rated.${token}`
/** What shows, where nobody is logged in, that a rating was given with this phone: kept here and told to nobody else. */
export const secretOf = (token: string): string => recall<string>(kept(token)) ?? ''
/** Takes the secret that was offered, once: the same rating sent again is known by it. */
export function keepSecret(token: string, offered: string | null): string {
  if (secretOf(token) === '' && offered) keep(kept(token), offered)
  return secretOf(token)
}

export const form = (token: string): Promise<FormOut> => request('GET /ratings/form', { query: { token, secret: secretOf(token) } })
/** What a poster or a number's slip leads to. */
export const place = (query: { token?: string; slip?: string }): Promise<PlaceOut> => request('GET /ratings/place', { query })
/** Saying what one thinks of the answer to a bad rating. */
export const useJudge = (): Deed<'POST /ratings/judge'> => useDeed('POST /ratings/judge')
/** Thinking better of one's own rating, once and within a day. */
export const useChange = (): Deed<'POST /ratings/change'> => useDeed('POST /ratings/change')
export const useRate = (): Deed<'POST /ratings'> => useDeed('POST /ratings')

/** A photo of what was bad: it counts once the rating names it. */
export const sendPicture = (token: string, bytes: ArrayBuffer): Promise<PictureOut> => postBytes('POST /ratings/pictures', { token, secret: secretOf(token) }, bytes)

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
  pictures: Ref<Picture[]>
  bad: ComputedRef<boolean>
  chosen: ComputedRef<Level | undefined>
  toggle(code: string): void
}

/** What is being said. Tags belong to a level: another level starts without any. */
export function useOpinion(levels: () => Level[]): Opinion {
  const level = ref<LevelName | ''>('')
  const tags = ref<string[]>([])
  const text = ref('')
  const pictures = ref<Picture[]>([])
  const chosen = computed(() => levels().find((one) => one.level === level.value))
  // Nobody works on what was good: photos go with the lowest two alone.
  const bad = computed(() => level.value === 'dissatisfied' || level.value === 'very_dissatisfied')
  watch(level, () => (tags.value = []))

  function toggle(code: string): void {
    tags.value = tags.value.includes(code) ? tags.value.filter((one) => one !== code) : [...tags.value, code]
  }

  return { level, tags, text, pictures, bad, chosen, toggle }
}
