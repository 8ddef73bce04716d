import { fileURLToPath, URL } from 'node:url'
import uniPlugin from '@dcloudio/vite-plugin-uni'
import { defineConfig } from 'vite'
import { firstScreen } from './scripts/first-screen.mjs'
import { nothingFromElsewhere } from './scripts/nothing-from-elsewhere.mjs'
import { phoneLocales } from './scripts/phone-locales.mjs'

// The package is CommonJS: under "type": "module" its function sits in `default`.
const uni = (uniPlugin as unknown as { default?: typeof uniPlugin }).default ?? uniPlugin
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const server = process.env.ONETRIP_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [phoneLocales(), uni(), firstScreen(), nothingFromElsewhere()],
  json: { stringify: true },
  resolve: { alias: { '@': here('./src'), '@locales': here('../locales') } },
  server: { fs: { allow: ['..'] }, proxy: { '/api': server, '/q': server } },
  build: { reportCompressedSize: false, assetsInlineLimit: 2048 },
})
