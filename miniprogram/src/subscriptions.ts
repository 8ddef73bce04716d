/** Leave to send the next WeChat message, given on a button of its own. One accept is one message. */
import { ref, type Ref } from 'vue'
import { freshKey, request } from '@/api/client'
import { t } from '@/i18n'
import { explain } from '@/mend'
import { logsInSilently } from '@/platform/login'
import { sayDone } from '@/platform/screen'
import { askToSubscribe } from '@/platform/subscribe'

export interface Notify {
  /** Whether there is anything to ask here, and somebody to ask. */
  offered(templates: string[]): boolean
  allow(templates: string[]): Promise<void>
  given: Ref<boolean>
}

export function useNotify(): Notify {
  const given = ref(false)
  const offered = (templates: string[]): boolean => logsInSilently() && templates.length > 0 && !given.value

  async function allow(templates: string[]): Promise<void> {
    const answer = await askToSubscribe(templates, freshKey())
    if (!answer) return
    try {
      await request('POST /subscriptions', { body: answer })
      given.value = true
      if (answer.results.some((one) => one.outcome === 'accept')) sayDone(t('common.notify_given'))
    } catch (problem) {
      explain(problem)
    }
  }

  return { offered, allow, given }
}
