/** For whom something is done: oneself, somebody one may act for, or an enterprise. */
import { computed, type ComputedRef } from 'vue'
import { hand, receive } from '@/handover'
import { t } from '@/i18n'
import { useSession } from '@/session'

export interface Party {
  value: string
  label: string
  /** In whole years, where the document says it; an enterprise has none. */
  age?: number | null
  name?: string
}

/** Those of them a guide is for; who has nobody it is for reads why, rather than an empty list. */
export function partiesFor(audience: string[], all: Party[]): Party[] {
  const fitting = all.filter((one) => audience.includes(one.value.startsWith('enterprise:') ? 'enterprise' : 'person'))
  return fitting.length > 0 ? fitting : all
}

/** For whom an item was last begun, while one is on one's way through it; who may no longer be acted for is nobody. */
export const choseParty = (item: string, party: string): void => hand(`party.${item}`, party)
export function chosenParty(item = '', offered: Party[]): string {
  const chosen = receive<string>(`party.${item}`) ?? ''
  return offered.some((one) => one.value === chosen) ? chosen : ''
}

export function useParties(): ComputedRef<Party[]> {
  const session = useSession()
  return computed(() => {
    const me = session.me
    if (!me?.person) return []
    return [
      { value: 'self', label: t('identity.party.self', { name: me.person.name }), age: me.person.age, name: me.person.name },
      ...me.represents.map((one) => ({ value: `person:${one.person_id}`, label: one.name, age: one.age, name: one.name })),
      ...me.enterprises.map((one) => ({ value: `enterprise:${one.id}`, label: one.name })),
    ]
  })
}
