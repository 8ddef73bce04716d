/** How a result comes, and where it is. */
import { request } from '@/api/client'
import { useDeed, type Deed } from '@/api/deed'
import type { ChoiceOut } from '@/api/schema'

export const choiceOf = (thread: string): Promise<ChoiceOut> => request('GET /threads/{thread_id}/delivery', { params: { thread_id: thread } })
export const useChoose = (): Deed<'PUT /threads/{thread_id}/delivery'> => useDeed('PUT /threads/{thread_id}/delivery')
export const useSign = (): Deed<'POST /threads/{thread_id}/delivery/signature'> => useDeed('POST /threads/{thread_id}/delivery/signature')
