/** uni-app's own style sheet fetches ornaments from its maker's servers. A government page asks nobody but its own server. */
const OUTSIDE = /url\(["']?https?:[^)]*\)/g

export function nothingFromElsewhere() {
  return {
    name: 'onetrip:nothing-from-elsewhere',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'asset' && file.fileName.endsWith('.css')) file.source = String(file.source).replace(OUTSIDE, 'none')
      }
    },
  }
}
