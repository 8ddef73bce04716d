/** Showing a certificate: ten minutes of codes come at once, so that it goes on without network. */
import { onHide, onShow, onUnload } from '@dcloudio/uni-app'
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { request } from '@/api/client'
import { useDeed, type Deed } from '@/api/deed'
import { AppError } from '@/api/errors'
import type { CertificateOut, CheckOut, PresentationOut } from '@/api/schema'
import { startAge } from './age'
import { due } from './due'

export const certificate = (id: string): Promise<CertificateOut> => request('GET /certificates/{certificate_id}', { params: { certificate_id: id } })

/** What a stranger may know of a scanned certificate. */
export const check = (token: string): Promise<CheckOut> => request('POST /certificates/checks', { body: { token } })

export const endPaper = (id: string): Promise<unknown> => request('DELETE /certificates/{certificate_id}/printed-code', { params: { certificate_id: id } })

export const useAsking = (): Deed<'POST /certificates/consents'> => useDeed('POST /certificates/consents')

interface Presenting {
  url: ComputedRef<string>
  problem: ShallowRef<AppError | null>
  left: ComputedRef<number>
  now: Ref<number>
  busy: Ref<boolean>
  present(): Promise<void>
}

/** While there is network the ten minutes begin anew every minute, so that most of them are left when it goes. */
const RENEWED_AFTER = 60_000
/** An answer that was so long on its way, as to a phone that slept meanwhile, is of nobody knows when. */
const LATEST = 20_000

interface Codes extends PresentationOut {
  age: ReturnType<typeof startAge>
}

/**
 * Codes on demand, one after the other while the page is looked at. Put away, the page covers them and keeps them in its
 * memory for what is left of their ten minutes: whoever wakes the phone where there is no network touches once more.
 */
export function usePresenting(id: () => string): Presenting {
  const codes = shallowRef<Codes | null>(null)
  const covered = ref(false)
  const problem = shallowRef<AppError | null>(null)
  const now = ref(Date.now())
  const age = ref(0)
  let asked = 0
  let underWay: Promise<void> | null = null
  const deed = useDeed('POST /certificates/{certificate_id}/presentations')
  const step = computed(() => (codes.value ? due(age.value, codes.value.refresh_seconds, codes.value.urls.length) : -1))
  const url = computed(() => (covered.value ? '' : (codes.value?.urls[step.value] ?? '')))
  const left = computed(() => (codes.value ? codes.value.refresh_seconds - Math.floor(age.value / 1000) % codes.value.refresh_seconds : 0))
  let timer: ReturnType<typeof setInterval> | undefined
  let ending: ReturnType<typeof setTimeout> | undefined

  function drop(): void {
    codes.value = null
    age.value = 0
  }

  /** Asks until an answer comes of which it is known when it was made: a phone that sleeps on the way asks once more. */
  async function ask(): Promise<void> {
    const sent = startAge()
    const given = await deed.run({ params: { certificate_id: id() } })
    if (!sent.wake() || sent.now > LATEST) return ask()
    codes.value = { ...given, age: startAge() }
    age.value = asked = 0
  }

  async function renewed(): Promise<void> {
    asked = age.value
    try {
      problem.value = null
      await ask()
    } catch (reason) {
      // Without network the codes that are here go on being shown until they are used up.
      const away = reason instanceof AppError && (reason.status === 0 || reason.status === 429 || reason.status >= 500)
      if (away && step.value >= 0) return
      drop()
      problem.value = reason instanceof AppError ? reason : null
    }
  }

  const renew = (): Promise<void> => (underWay ??= renewed().finally(() => (underWay = null)))

  /** What is still good is shown at once, and asked for anew behind it. */
  async function present(): Promise<void> {
    covered.value = false
    await renew()
  }

  function tick(): void {
    now.value = Date.now()
    if (!codes.value) return
    const moved = codes.value.age.tick()
    age.value = codes.value.age.now
    if (step.value < 0 && covered.value) drop()
    else if (!covered.value && (moved || step.value < 0 || age.value - asked >= RENEWED_AFTER)) void renew()
  }

  function stop(): void {
    clearInterval(timer)
    clearTimeout(ending)
  }

  onShow(() => {
    stop()
    timer = setInterval(tick, 1000)
    if (!codes.value) return
    const known = codes.value.age.wake()
    age.value = codes.value.age.now
    if (!known || step.value < 0) drop()
  })
  onHide(() => {
    stop()
    covered.value = true
    if (!codes.value) return
    codes.value.age.sleep()
    ending = setTimeout(drop, codes.value.urls.length * codes.value.refresh_seconds * 1000 - codes.value.age.now)
  })
  onUnload(() => {
    stop()
    drop()
  })
  return { url, problem, left, now, busy: deed.busy, present }
}
