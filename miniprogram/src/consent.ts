/** Consent asked in the middle of something: whatever was typed stays, and what was wanted goes on by itself. */
import { go } from '@/platform/navigate'

const PAGE = '/features/identity/pages/consent'
let waiting: ((agreed: boolean) => void) | null = null

/** Open the privacy text; resolves with what the person says. */
export function askConsent(): Promise<boolean> {
  waiting?.(false)
  return new Promise((resolve) => {
    waiting = resolve
    go(PAGE)
  })
}

/** Said by the page: agreed, or left without. */
export function consentAnswered(agreed: boolean): void {
  const answer = waiting
  waiting = null
  answer?.(agreed)
}
