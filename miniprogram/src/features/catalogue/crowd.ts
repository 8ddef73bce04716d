/** When few people come to a hall, in words. */
import type { CrowdOut } from '@/api/schema'
import { t } from '@/i18n'

/** The best times to come; nothing where no hour is clearly quieter, and an honest word where too few visits are known. */
export function bestTimes({ enough, quiet }: CrowdOut): string {
  if (!enough) return t('queue.crowd.unknown')
  return quiet.length > 0 ? t('queue.crowd.best', { times: quiet.map((one) => one.text).join(t('common.comma')) }) : ''
}

/** How many wait now and how long it takes them; nothing where nobody waits. */
export function waitingNow({ waiting, wait }: CrowdOut): string {
  const many = waiting > 0 ? t('queue.crowd.waiting', { n: waiting }) : ''
  const long = wait ? t(wait.low > 0 ? 'queue.crowd.wait' : 'queue.crowd.soon', { low: wait.low, high: wait.high }) : ''
  return many && long ? t('queue.crowd.both', { waiting: many, wait: long }) : many || long
}
