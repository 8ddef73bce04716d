/** The address book. */
import { request } from '@/api/client'
import { useDeed, type Deed } from '@/api/deed'
import type { AddressesOut } from '@/api/schema'

export const addresses = (): Promise<AddressesOut> => request('GET /me/addresses')
export const useAddAddress = (): Deed<'POST /me/addresses'> => useDeed('POST /me/addresses')
export const useEditAddress = (): Deed<'PUT /me/addresses/{address_id}'> => useDeed('PUT /me/addresses/{address_id}')
export const useDropAddress = (): Deed<'DELETE /me/addresses/{address_id}'> => useDeed('DELETE /me/addresses/{address_id}')
