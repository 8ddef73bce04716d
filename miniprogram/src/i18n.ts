/** Which language is shown, and `t`. An own one: vue-i18n does not fill placeholders in the mini-program build. */
import { ref, shallowReactive } from 'vue'
import { systemLanguage } from '@/platform/device'
import { bundled, loadMessages, type AppLocale, type Messages } from '@/platform/locales'
import { keep, recall } from '@/platform/storage'

export type { AppLocale }

const messages = shallowReactive<Partial<Record<AppLocale, Messages>>>({ ...bundled })
const chosen = recall<AppLocale>('locale')
export const locale = ref<AppLocale>(chosen ?? (systemLanguage().startsWith('zh') ? 'zh-CN' : 'en'))
export const languageWasChosen = (): boolean => recall('locale') !== undefined

export async function setLocale(next: AppLocale, remember = true): Promise<void> {
  messages[next] ??= await loadMessages(next)
  locale.value = next
  if (remember) keep('locale', next)
}

/** Resolves when the first text can be drawn. A browser that cannot fetch the texts has no page either, so it tries again. */
export async function textsReady(): Promise<void> {
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    try {
      return await setLocale(locale.value, false)
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

function lookup(from: AppLocale, key: string): string | undefined {
  let node: unknown = messages[from]
  for (const part of key.split('.')) node = (node as Record<string, unknown> | undefined)?.[part]
  return typeof node === 'string' ? node : undefined
}

export function known(key: string): boolean {
  return lookup(locale.value, key) !== undefined
}

/** The text of `key`; nothing while the texts are still on their way, the key itself when nobody wrote one. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  if (!messages[locale.value]) return ''
  const text = lookup(locale.value, key) ?? lookup('zh-CN', key) ?? key
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
