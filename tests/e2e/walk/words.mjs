// The product's own texts, by key, so that a better wording breaks no test.

import { readFileSync } from 'node:fs'

export function speaking(locale) {
  const texts = JSON.parse(readFileSync(new URL(`../../../locales/${locale}.json`, import.meta.url), 'utf8'))
  return (key, params = {}) => {
    const text = key.split('.').reduce((part, name) => part?.[name], texts)
    if (typeof text !== 'string') throw new Error(`no text ${key} in ${locale}`)
    return text.replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole)
  }
}

export const t = speaking('zh-CN')
