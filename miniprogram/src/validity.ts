/** How long a certificate is good, in the words of its card: near its end the days are counted. */
import type { CertificateCard } from '@/api/schema'
import { dateText, daysBetween, today } from '@/dates'
import { t } from '@/i18n'

/** As long before the end as its holder is reminded for the first time. */
const NEAR = 45

/** Whether its days end soon; what does not count any longer, whatever the reason, ends no more. */
export function endsSoon(card: CertificateCard, now = today()): boolean {
  return card.state === 'valid' && card.valid_until !== null && daysBetween(now, card.valid_until) <= NEAR
}

export function validity(card: CertificateCard, now = today()): string {
  if (card.valid_until === null) return t('certificates.for_ever')
  const day = dateText(card.valid_until)
  const left = daysBetween(now, card.valid_until)
  if (left < 0) return t('certificates.ended_on', { day })
  if (!endsSoon(card, now)) return t('certificates.until', { day })
  if (left > 1) return t('certificates.ends_in', { day, days: left })
  return t(left === 1 ? 'certificates.ends_tomorrow' : 'certificates.ends_today', { day })
}
