/** Papers that follow after acceptance: signing for them, and sending them. */
import { useDeed, type Deed } from '@/api/deed'
import type { FollowingLine } from '@/api/schema'

export interface FollowingDeeds {
  commit: Deed<'POST /cases/{case_id}/commitment'>
  refuse: Deed<'POST /cases/{case_id}/commitment/refusal'>
  keep: Deed<'PUT /cases/{case_id}/supplement'>
  send: Deed<'POST /cases/{case_id}/supplement'>
}

export const useFollowing = (): FollowingDeeds => ({
  commit: useDeed('POST /cases/{case_id}/commitment'),
  refuse: useDeed('POST /cases/{case_id}/commitment/refusal'),
  keep: useDeed('PUT /cases/{case_id}/supplement'),
  send: useDeed('POST /cases/{case_id}/supplement'),
})

const TONES = { awaited: 'amber', sent: 'blue', returned: 'red', received: 'green' } as const
export const toneOf = (line: FollowingLine): 'amber' | 'blue' | 'red' | 'green' => TONES[line.state]
