/** Refusals that the person can mend at once: log in, agree, prove the name. Each has a page for it. */
import { AppError } from '@/api/errors'
import { t } from '@/i18n'
import { go } from '@/platform/navigate'
import { say } from '@/platform/screen'

const MENDS: Record<string, { page: string; label: string }> = {
  unauthenticated: { page: '/features/identity/pages/login', label: 'identity.login.open' },
  'identity.consent_required': { page: '/features/identity/pages/consent', label: 'identity.consent.open' },
  'identity.real_name_required': { page: '/features/identity/pages/realname', label: 'identity.realname.open' },
}

export function mendLabel(problem: AppError): string {
  const mend = MENDS[problem.code]
  return mend ? t(mend.label) : ''
}

export function openMend(problem: AppError): void {
  const mend = MENDS[problem.code]
  if (mend) go(mend.page)
}

/** For a deed that was refused: open what mends it, or say why it did not work. */
export function explain(problem: unknown): void {
  if (!(problem instanceof AppError)) throw problem
  if (MENDS[problem.code]) return openMend(problem)
  say(problem.text)
}
