/** Who may act for whom: one's children, one's enterprise, and the clerks of that enterprise. */
import { request } from '@/api/client'
import { useDeed, type Deed } from '@/api/deed'
import type { ClerksOut } from '@/api/schema'

export const useAddChild = (): Deed<'POST /mandates'> => useDeed('POST /mandates')
export const useEndMandate = (): Deed<'DELETE /mandates/{mandate_id}'> => useDeed('DELETE /mandates/{mandate_id}')
export const useAddEnterprise = (): Deed<'POST /enterprises'> => useDeed('POST /enterprises')
export const useAddClerk = (): Deed<'POST /enterprises/{enterprise_id}/clerks'> => useDeed('POST /enterprises/{enterprise_id}/clerks')
export const useDropClerk = (): Deed<'DELETE /enterprises/{enterprise_id}/clerks/{clerk_id}'> => useDeed('DELETE /enterprises/{enterprise_id}/clerks/{clerk_id}')

export const clerks = (enterprise: string): Promise<ClerksOut> => request('GET /enterprises/{enterprise_id}/clerks', { params: { enterprise_id: enterprise } })
