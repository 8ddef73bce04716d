/** The texts. WeChat packs both languages; a browser fetches the one it shows. */
import type zhCN from '@locales/zh-CN.json'

// #ifdef MP-WEIXIN
import chinese from '@locales/zh-CN.json'
import english from '@locales/en.json'
// #endif

export type AppLocale = 'zh-CN' | 'en'
export type Messages = Partial<typeof zhCN>

export const bundled: Partial<Record<AppLocale, Messages>> = {}
// #ifdef MP-WEIXIN
bundled['zh-CN'] = chinese
bundled.en = english as Messages
// #endif

export async function loadMessages(locale: AppLocale): Promise<Messages> {
  let loaded = bundled[locale]
  // #ifdef H5
  loaded = (locale === 'en' ? await import('@locales/en.json') : await import('@locales/zh-CN.json')).default as Messages
  // #endif
  return loaded ?? {}
}
