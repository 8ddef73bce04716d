import { fileURLToPath, URL } from 'node:url'
import { defineConfig } from 'vitest/config'
import { phoneLocales } from './scripts/phone-locales.mjs'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const installed = (name: string): string => here(`./node_modules/${name}`)

// The tests live with all the others, outside this folder: what they import is looked up here.
export default defineConfig({
  root: here('..'),
  cacheDir: here('./node_modules/.vitest'),
  plugins: [phoneLocales()],
  resolve: {
    alias: [
      { find: /^@(?=\/)/, replacement: here('./src') },
      { find: '@locales', replacement: here('../locales') },
      { find: /^vitest$/, replacement: installed('vitest/dist/index.js') },
      { find: /^pinia$/, replacement: installed('pinia/dist/pinia.mjs') },
      { find: /^vue$/, replacement: installed('vue/dist/vue.runtime.esm-bundler.js') },
      { find: /^@dcloudio\/uni-app$/, replacement: here('../tests/miniprogram/uni-lifecycle.ts') },
    ],
  },
  test: { include: ['tests/miniprogram/*.test.ts'], restoreMocks: true, unstubGlobals: true },
})
