/** Showing a certificate. The code lives for less than a minute, so a picture of it is worth nothing. */
import { onHide, onShow, onUnload } from '@dcloudio/uni-app'
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { request } from '@/api/client'
import { useDeed } from '@/api/deed'
import { AppError } from '@/api/errors'
import type { CertificateOut, CheckOut, PresentationOut } from '@/api/schema'

export const certificate = (id: string): Promise<CertificateOut> => request('GET /certificates/{certificate_id}', { params: { certificate_id: id } })

/** What a stranger may know of a scanned certificate. */
export const check = (token: string): Promise<CheckOut> => request('POST /certificates/checks', { body: { token } })

interface Presenting {
  shown: ShallowRef<PresentationOut | null>
  problem: ShallowRef<AppError | null>
  left: ComputedRef<number>
  busy: Ref<boolean>
  present(): Promise<void>
}

/** A code on demand; renewed when its time is up, for as long as the page is looked at. */
export function usePresenting(id: () => string): Presenting {
  const shown = shallowRef<PresentationOut | null>(null)
  const problem = shallowRef<AppError | null>(null)
  const now = ref(Date.now())
  const deed = useDeed('POST /certificates/{certificate_id}/presentations')
  const left = computed(() => (shown.value ? Math.max(0, Math.ceil((Date.parse(shown.value.expires_at) - now.value) / 1000)) : 0))
  let timer: ReturnType<typeof setInterval> | undefined

  async function present(): Promise<void> {
    try {
      problem.value = null
      shown.value = await deed.run({ params: { certificate_id: id() } })
      now.value = Date.now()
    } catch (reason) {
      shown.value = null
      problem.value = reason instanceof AppError ? reason : null
    }
  }

  function tick(): void {
    now.value = Date.now()
    if (shown.value && left.value === 0 && !deed.busy.value) void present()
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
  return { shown, problem, left, busy: deed.busy, present }
}
