/** Logging in, agreeing, proving one's name. */
import { onUnload } from '@dcloudio/uni-app'
import { computed, ref, type ComputedRef } from 'vue'
import { request, type Reply } from '@/api/client'
import { useDeed, type Deed } from '@/api/deed'
import type { MyDataOut, PrivacyOut } from '@/api/schema'

export const privacy = (): Promise<PrivacyOut> => request('GET /privacy')

export const lookedAt = (cursor?: string): Promise<Reply<'GET /me/access-log'>> => request('GET /me/access-log', { query: { cursor } })

export const useSendCode = (): Deed<'POST /login/code'> => useDeed('POST /login/code')
export const useLogin = (): Deed<'POST /login/phone'> => useDeed('POST /login/phone')
export const useConsent = (): Deed<'POST /me/consent'> => useDeed('POST /me/consent')
export const useRealName = (): Deed<'POST /me/real-name'> => useDeed('POST /me/real-name')
export const useBindPhone = (): Deed<'POST /me/phone'> => useDeed('POST /me/phone')
export const useProvePhone = (): Deed<'POST /me/phone/proof'> => useDeed('POST /me/phone/proof')
export const useGiveBackPhone = (): Deed<'DELETE /me/phone'> => useDeed('DELETE /me/phone')
export const useWithdrawConsent = (): Deed<'DELETE /me/consent'> => useDeed('DELETE /me/consent')
export const useEndOthers = (): Deed<'DELETE /me/sessions'> => useDeed('DELETE /me/sessions')
export const myData = (): Promise<MyDataOut> => request('GET /me/data')
export const useAskErasure = (): Deed<'POST /me/data/erasure'> => useDeed('POST /me/data/erasure')
export const useWithdrawErasure = (): Deed<'DELETE /me/data/erasure'> => useDeed('DELETE /me/data/erasure')
export const useEndSession = (): Deed<'DELETE /me/sessions/{session_id}'> => useDeed('DELETE /me/sessions/{session_id}')

export const DOCUMENT_KINDS = ['resident_id', 'passport', 'hk_macau_permit', 'taiwan_permit'] as const
export type DocumentKind = (typeof DOCUMENT_KINDS)[number]
export const isPhone = (text: string): boolean => /^1[3-9]\d{9}$/.test(text.replace(/[\s-]/g, ''))
export const plainNumber = (text: string): string => text.replace(/[\s-]/g, '').toUpperCase()

interface Countdown {
  left: ComputedRef<number>
  start(seconds: number): void
}

/** Seconds until something may be asked for again. */
export function useCountdown(): Countdown {
  const until = ref(0)
  const now = ref(0)
  let timer: ReturnType<typeof setInterval> | undefined
  const left = computed(() => Math.max(0, Math.ceil((until.value - now.value) / 1000)))

  function start(seconds: number): void {
    clearInterval(timer)
    now.value = Date.now()
    until.value = now.value + seconds * 1000
    timer = setInterval(() => {
      now.value = Date.now()
      if (left.value === 0) clearInterval(timer)
    }, 1000)
  }

  onUnload(() => clearInterval(timer))
  return { left, start }
}
