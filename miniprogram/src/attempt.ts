/** A deed done from a form: what was refused is kept beside the form, what can be mended elsewhere is opened. */
import { shallowRef, type ShallowRef } from 'vue'
import { AppError } from '@/api/errors'
import { askConsent } from '@/consent'
import { explain, mendLabel } from '@/mend'

export interface Attempt {
  refused: ShallowRef<AppError | null>
  /** True when the deed was done. */
  attempt(deed: () => Promise<unknown>): Promise<boolean>
}

export function useAttempt(): Attempt {
  const refused: ShallowRef<AppError | null> = shallowRef(null)

  async function attempt(deed: () => Promise<unknown>): Promise<boolean> {
    refused.value = null
    try {
      await deed()
      return true
    } catch (reason) {
      // What was typed stays on this page; once agreed, the deed goes on by itself.
      if (reason instanceof AppError && reason.code === 'identity.consent_required') return (await askConsent()) && attempt(deed)
      if (reason instanceof AppError && !mendLabel(reason)) refused.value = reason
      else explain(reason)
      return false
    }
  }

  return { refused, attempt }
}
