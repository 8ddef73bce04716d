import { fileURLToPath, URL } from 'node:url'
import { defineConfig } from 'vitest/config'
import { phoneLocales } from './scripts/phone-locales.mjs'
import { target } from './scripts/target.mjs'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const installed = (name: string): string => here(`./node_modules/${name}`)

// The tests live with all the others, outside this folder: what they import is looked up here.
const alias = [
  { find: /^@(?=\/)/, replacement: here('./src') },
  { find: '@locales', replacement: here('../locales') },
  { find: /^vitest$/, replacement: installed('vitest/dist/index.js') },
  { find: /^pinia$/, replacement: installed('pinia/dist/pinia.mjs') },
  { find: /^vue$/, replacement: installed('vue/dist/vue.runtime.esm-bundler.js') },
  { find: /^@dcloudio\/uni-app$/, replacement: here('../tests/miniprogram/lifecycle.ts') },
]

function project(name: string, files: string[], exclude: string[] = []) {
  return {
    root: here('..'),
    plugins: [phoneLocales(), target(name)],
    resolve: { alias },
    test: { name, include: files, exclude, restoreMocks: true, unstubGlobals: true, setupFiles: [here('../tests/miniprogram/phone.ts')] },
  }
}

const all = 'tests/miniprogram/*.test.ts'
const wechatOnly = 'tests/miniprogram/*.wechat.test.ts'

export default defineConfig({
  root: here('..'),
  cacheDir: here('./node_modules/.vitest'),
  test: { projects: [project('H5', [all], [wechatOnly]), project('MP-WEIXIN', [wechatOnly])] },
})
