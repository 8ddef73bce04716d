import { createPinia } from 'pinia'
import { createSSRApp, type App as VueApp } from 'vue'
import App from './App.vue'
import { textsReady } from './i18n'
import { decorate } from './platform/browser'

void textsReady()
decorate()

/** uni-app calls this on both targets and mounts what it returns. */
export function createApp(): { app: VueApp } {
  const app = createSSRApp(App)
  app.use(createPinia())
  return { app }
}
