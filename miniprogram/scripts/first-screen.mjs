/**
 * For a browser on a slow line: what every page shares is one file instead of twenty small ones, and what home needs is
 * asked for together with the program instead of after it.
 */
const SHARED = /\/miniprogram\/src\/(ui|api|platform)\/|\/miniprogram\/src\/[\w-]+\.ts$/
// Fetched on demand, and not by everybody.
const LATER = /\/platform\/(eyes|beside|NativeDate)\.|\/ui\/DateField/

function chunkOf(id) {
  if (/\/node_modules\/(?!jsqr)/.test(id)) return 'vendor'
  return SHARED.test(id) && !LATER.test(id) ? 'kit' : undefined
}

export function firstScreen() {
  return {
    name: 'onetrip:first-screen',
    apply: 'build',
    outputOptions(options) {
      if (process.env.UNI_PLATFORM !== 'h5') return undefined
      return { ...options, manualChunks: chunkOf }
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const files = Object.keys(bundle)
        const [kit, home, texts] = [/kit[.-][^/]*\.js$/, /pages-home[.-][^/]*\.js$/, /texts-zh-CN[^/]*\.js$/].map((name) => files.find((file) => name.test(file)))
        const styles = files.filter((file) => /(kit|home)[.-][^/]*\.css$/.test(file))
        const link = (attrs) => ({ tag: 'link', attrs: { ...attrs, crossorigin: true }, injectTo: 'head' })
        const wanted = [...[kit, home, texts].map((file) => ['modulepreload', file]), ...styles.map((file) => ['stylesheet', file])]
        return wanted.filter(([, file]) => file && !html.includes(file)).map(([rel, file]) => link({ rel, href: `./${file}` }))
      },
    },
  }
}
