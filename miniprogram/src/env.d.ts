/// <reference types="vite/client" />

declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent<object, object, unknown>
  export default component
}

interface ImportMetaEnv {
  /** Where the mini-program finds the server; the H5 build is served by it and needs none. */
  readonly VITE_API_BASE?: string
}
