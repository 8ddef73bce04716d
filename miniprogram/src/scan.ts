/** Scan a code and open what it stands for. */
import { t } from '@/i18n'
import { go } from '@/platform/navigate'
import { isPickup, scan, scansByItself, tokenIn } from '@/platform/scan'
import { say } from '@/platform/screen'

export async function scanAndOpen(): Promise<void> {
  if (!scansByItself()) return go('/features/codes/pages/scan')
  const text = await scan()
  if (text === null) return
  const opened = openedBy(text)
  if (opened) go('/features/codes/pages/open', opened)
  else say(t('common.scan.unknown'))
}

/** What the page of codes is told of a scanned text; null for what is none of ours. */
export function openedBy(text: string): { token?: string; pickup?: string } | null {
  const token = tokenIn(text)
  if (token) return { token }
  return isPickup(text) ? { pickup: '1' } : null
}
