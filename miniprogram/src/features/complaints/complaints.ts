/** Saying something to the office, and reading what came of it. */
import { postBytes, request } from '@/api/client'
import { useDeed, type Deed } from '@/api/deed'
import type { ComplaintLine, ComplaintOut, HallView, PublicAnswer } from '@/api/schema'

interface PageOf<T> {
  items: T[]
  next: string | null
}

/** The kinds, the everyday ones first. */
export const KINDS = ['question', 'stuck', 'grievance', 'nuisance', 'erratum'] as const
export type Kind = (typeof KINDS)[number]
export const REASONS = ['impossible', 'hard', 'refused'] as const
export const LONGEST = 1000

export const isKind = (word: string | undefined): word is Kind => KINDS.some((one) => one === word)

export const halls = (): Promise<HallView[]> => request('GET /halls')
export const one = (token: string): Promise<ComplaintOut> => request('GET /complaints/one', { query: { token } })
export const written = (cursor?: string): Promise<PageOf<ComplaintLine>> => request('GET /complaints', { query: { cursor } })
export const publicAnswers = (asked: { item_id?: string; q?: string; cursor?: string; limit?: number }): Promise<PageOf<PublicAnswer>> => request('GET /public-answers', { query: asked })
export const MOST_PICTURES = 6
/** A screenshot beside what one wrote; gives it back as it stands then. */
export const sendPicture = (token: string, bytes: ArrayBuffer): Promise<ComplaintOut> => postBytes('POST /complaints/pictures', { token }, bytes)
export const pictureUrl = (token: string, id: string): string => `/api/v1/complaints/pictures/${id}?token=${encodeURIComponent(token)}`
export const useWrite = (): Deed<'POST /complaints'> => useDeed('POST /complaints')
export const useWithdraw = (): Deed<'POST /complaints/withdraw'> => useDeed('POST /complaints/withdraw')
export const useJudge = (): Deed<'POST /complaints/judge'> => useDeed('POST /complaints/judge')
