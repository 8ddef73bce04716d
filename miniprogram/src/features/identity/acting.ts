/** Who may act for whom: one's family, whoever acts for oneself, one's enterprise and its clerks. */
import { request } from '@/api/client'
import { useDeed, type Deed } from '@/api/deed'
import type { ClerksOut, MandateOut, MandatesOut } from '@/api/schema'
import { t } from '@/i18n'

export const mandates = (): Promise<MandatesOut> => request('GET /mandates')
export const useAskMandate = (): Deed<'POST /mandates'> => useDeed('POST /mandates')
export const useConsentTo = (): Deed<'POST /mandates/{mandate_id}/consent'> => useDeed('POST /mandates/{mandate_id}/consent')
export const useRefuse = (): Deed<'POST /mandates/{mandate_id}/refusal'> => useDeed('POST /mandates/{mandate_id}/refusal')
export const useObjectTo = (): Deed<'POST /mandates/{mandate_id}/objection'> => useDeed('POST /mandates/{mandate_id}/objection')
export const useEndMandate = (): Deed<'DELETE /mandates/{mandate_id}'> => useDeed('DELETE /mandates/{mandate_id}')
export const useAddEnterprise = (): Deed<'POST /enterprises'> => useDeed('POST /enterprises')
export const useAddClerk = (): Deed<'POST /enterprises/{enterprise_id}/clerks'> => useDeed('POST /enterprises/{enterprise_id}/clerks')
export const useDropClerk = (): Deed<'DELETE /enterprises/{enterprise_id}/clerks/{clerk_id}'> => useDeed('DELETE /enterprises/{enterprise_id}/clerks/{clerk_id}')

export const clerks = (enterprise: string): Promise<ClerksOut> => request('GET /enterprises/{enterprise_id}/clerks', { params: { enterprise_id: enterprise } })

export const RELATIONS = ['guardian', 'relative', 'agent'] as const
export type RelationKind = (typeof RELATIONS)[number]
export const SCOPES = ['everything', 'visits'] as const
export type ScopeKind = (typeof SCOPES)[number]

export const TONES: Record<string, 'green' | 'amber' | 'red' | 'grey'> = { live: 'green', asked: 'amber', suspended: 'amber', declined: 'red', ended: 'grey' }

/** The text that says how to go on, for whoever waits: with papers at a window, or by the other's own yes. */
export function wayOn(one: MandateOut): string {
  if (one.side !== 'agent' || !['asked', 'suspended', 'declined'].includes(one.state)) return ''
  if (one.relation === 'guardian') return t(`mandates.way.guardian.${one.state}`)
  return t(one.state === 'asked' ? 'mandates.way.grown_asked' : 'mandates.way.grown_declined')
}
