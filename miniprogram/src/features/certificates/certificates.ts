/** Showing a certificate: ten minutes of codes come at once, so that it goes on without network. */
import { onHide, onShow, onUnload } from '@dcloudio/uni-app'
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { request } from '@/api/client'
import { useDeed, type Deed } from '@/api/deed'
import { AppError } from '@/api/errors'
import type { CertificateOut, CheckOut, PresentationOut } from '@/api/schema'
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

/** Codes on demand, one after the other while the page is looked at; asked for anew a little before they run out. */
export function usePresenting(id: () => string): Presenting {
  const shown = shallowRef<PresentationOut | null>(null)
  const problem = shallowRef<AppError | null>(null)
  const now = ref(Date.now())
  let began = 0
  const deed = useDeed('POST /certificates/{certificate_id}/presentations')
  const elapsed = computed(() => now.value - began)
  const step = computed(() => (shown.value ? due(elapsed.value, shown.value.refresh_seconds, shown.value.urls.length) : -1))
  const url = computed(() => shown.value?.urls[step.value] ?? '')
  const left = computed(() => (shown.value ? shown.value.refresh_seconds - Math.floor(elapsed.value / 1000) % shown.value.refresh_seconds : 0))
  let timer: ReturnType<typeof setInterval> | undefined

  async function present(): Promise<void> {
    try {
      problem.value = null
      shown.value = await deed.run({ params: { certificate_id: id() } })
      began = now.value = Date.now()
    } catch (reason) {
      // Without network the codes that are here go on being shown until they are used up.
      const away = reason instanceof AppError && reason.status === 0
      if (!away || step.value < 0) {
        shown.value = null
        problem.value = reason instanceof AppError ? reason : null
      }
    }
  }

  function tick(): void {
    now.value = Date.now()
    if (shown.value && step.value < 0) {
      if (!deed.busy.value) void present()
    } else if (shown.value && elapsed.value < 0) {
      // The phone's clock was set back: nobody knows any more how long the codes have been here.
      shown.value = null
    }
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  onShow(() => {
    stop()
    timer = setInterval(tick, 1000)
  })
  onHide(() => {
    stop()
    shown.value = null
  })
  onUnload(stop)
  return { url, problem, left, now, busy: deed.busy, present }
}
