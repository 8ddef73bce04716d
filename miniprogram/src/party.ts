/** For whom something is done: oneself, somebody one may act for, or an enterprise. */
import { computed, type ComputedRef } from 'vue'
import { t } from '@/i18n'
import { useSession } from '@/session'

export interface Party {
  value: string
  label: string
}

export function useParties(): ComputedRef<Party[]> {
  const session = useSession()
  return computed(() => {
    const me = session.me
    if (!me?.person) return []
    return [
      { value: 'self', label: t('identity.party.self', { name: me.person.name }) },
      ...me.represents.map((one) => ({ value: `person:${one.person_id}`, label: one.name })),
      ...me.enterprises.map((one) => ({ value: `enterprise:${one.id}`, label: one.name })),
    ]
  })
}
