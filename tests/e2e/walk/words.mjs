// The product's own Chinese texts, by key, so that a better wording breaks no test.

import { readFileSync } from 'node:fs'

const texts = JSON.parse(readFileSync(new URL('../../../locales/zh-CN.json', import.meta.url), 'utf8'))

export function t(key, params = {}) {
  const text = key.split('.').reduce((part, name) => part?.[name], texts)
  if (typeof text !== 'string') throw new Error(`no text ${key}`)
  return text.replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole)
}
