/** How this person likes to read: language and elder mode. Kept on the phone, and with the account when there is one. */
import { defineStore } from 'pinia'
import { computed } from 'vue'
import { request } from '@/api/client'
import { setLocale, type AppLocale } from '@/i18n'
import { keep } from '@/platform/storage'
import { useSession } from '@/session'

export const usePreferences = defineStore('preferences', () => {
  const session = useSession()
  const elder = computed(() => session.elder)

  /** The account remembers too, but the switch never waits for it. */
  function remember(change: { locale?: AppLocale; elder_mode?: boolean }): void {
    if (session.loggedIn) request('PUT /me/preferences', { body: change }).catch(() => undefined)
  }

  function setElder(on: boolean): void {
    session.elder = on
    keep('elder', on)
    remember({ elder_mode: on })
  }

  async function setLanguage(next: AppLocale): Promise<void> {
    await setLocale(next)
    remember({ locale: next })
  }

  return { elder, setElder, setLanguage }
})
