/** How the county's services did, as it is published; and walking a flow as a test person. */
import { request, requestBeforeLogin } from '@/api/client'
import type { CodeOut, LoginOut, ScoreOut } from '@/api/schema'

export const score = (): Promise<ScoreOut> => request('GET /score')
export const walkCode = (token: string): Promise<CodeOut> => request('GET /codes/{token}', { params: { token } })
export const loginToWalk = (code: string): Promise<LoginOut> => requestBeforeLogin('POST /login/walk', { body: { code } })
