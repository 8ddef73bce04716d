/** Scan a code and open what it stands for. */
import { t } from '@/i18n'
import { go } from '@/platform/navigate'
import { scan, scansByItself, tokenIn } from '@/platform/scan'
import { say } from '@/platform/screen'

export async function scanAndOpen(): Promise<void> {
  if (!scansByItself()) return go('/features/codes/pages/scan')
  const text = await scan()
  if (text === null) return
  const token = tokenIn(text)
  if (token) go('/features/codes/pages/open', { token })
  else say(t('common.scan.unknown'))
}
