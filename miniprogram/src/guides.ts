/** The guide of an item, wherever one needs it on the way: handed on from its own page, or fetched once. */
import { request } from '@/api/client'
import type { GuideOut } from '@/api/schema'
import { hand, receive } from '@/handover'

export async function guideOf(item: string): Promise<GuideOut> {
  const known = receive<GuideOut>(`guide.${item}`)
  if (known) return known
  const fetched = await request('GET /items/{item_id}', { params: { item_id: item } })
  hand(`guide.${item}`, fetched)
  return fetched
}
