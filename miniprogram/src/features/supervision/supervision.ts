/** How the county's services did, as it is published. */
import { request } from '@/api/client'
import type { ScoreOut } from '@/api/schema'

export const score = (): Promise<ScoreOut> => request('GET /score')
