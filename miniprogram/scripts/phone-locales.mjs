/**
 * The locale files are shared with the server; the phone is given only the texts that its own sources name, either whole
 * (`'booking.pick.title'`) or by their beginning (`` `booking.state.${state}` ``). The rest would be weight on a slow network.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCES = fileURLToPath(new URL('../src', import.meta.url))
const IS_LOCALE = /\/locales\/[\w-]+\.json(\?|$)/
const NAMED = /[`'"]([a-z][a-z_]*\.[a-z0-9_.]*)/g

export function namedTexts(folder = SOURCES) {
  const named = new Set()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(vue|ts)$/.test(entry.name)) continue
    const source = readFileSync(join(entry.parentPath ?? entry.path, entry.name), 'utf8')
    for (const [, key] of source.matchAll(NAMED)) named.add(key)
  }
  return named
}

export function pruned(texts, named, path = '') {
  const kept = {}
  for (const [name, value] of Object.entries(texts)) {
    const key = path + name
    if (named.has(path) || named.has(key) || named.has(`${key}.`)) kept[name] = value
    else if (typeof value === 'object') {
      const inner = pruned(value, named, `${key}.`)
      if (Object.keys(inner).length > 0) kept[name] = inner
    }
  }
  return kept
}

export function phoneLocales() {
  let named = null
  return {
    name: 'onetrip:phone-locales',
    enforce: 'pre',
    configResolved(config) {
      // While developing and testing all texts are there, so that a newly named one needs no restart.
      named = config.command === 'build' ? namedTexts() : null
    },
    // The bundler names a chunk by its path from src, and `..-..-locales` is no name for a file on a web server.
    outputOptions(options) {
      const given = options.chunkFileNames
      const chunkFileNames = (chunk) => {
        if (IS_LOCALE.test(chunk.facadeModuleId ?? '')) return `assets/texts-${basename(chunk.facadeModuleId, '.json')}.[hash].js`
        return typeof given === 'function' ? given(chunk) : given
      }
      return { ...options, chunkFileNames }
    },
    transform(code, id) {
      if (named === null || !IS_LOCALE.test(id)) return undefined
      return { code: JSON.stringify(pruned(JSON.parse(code), named)), map: null }
    },
  }
}
