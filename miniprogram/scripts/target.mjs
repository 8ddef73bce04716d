/** Keeps what `#ifdef` meant for one target, as uni-app's own build does; for tests, which do not go through that build. */
export function target(name) {
  const ours = /\/miniprogram\/src\/.*\.(ts|vue)$/
  return {
    name: 'onetrip:target',
    enforce: 'pre',
    transform(code, id) {
      if (!ours.test(id.split('?')[0]) || !code.includes('#ifdef')) return undefined
      const kept = []
      let skipping = false
      for (const line of code.split('\n')) {
        const wanted = /#ifdef\s+([\w-]+)/.exec(line)?.[1]
        if (wanted) skipping = wanted !== name
        kept.push(skipping ? '' : line)
        if (line.includes('#endif')) skipping = false
      }
      return { code: kept.join('\n'), map: null }
    },
  }
}
