/** Following a matter from the first step to the last. */
import { request, type Reply } from '@/api/client'
import type { ThreadScreen, ThreadState, TrackOut } from '@/api/schema'

export const thread = (id: string): Promise<ThreadScreen> => request('GET /threads/{thread_id}', { params: { thread_id: id } })

export const threads = (state: ThreadState, cursor?: string): Promise<Reply<'GET /threads'>> => request('GET /threads', { query: { state, cursor } })

/** Numbers are read out and typed off paper: spaces and dashes in them mean nothing. */
export const track = (number: string, phoneTail: string): Promise<TrackOut> =>
  request('GET /track', { query: { number: number.replace(/[\s-]/g, ''), phone_tail: phoneTail.trim() } })
