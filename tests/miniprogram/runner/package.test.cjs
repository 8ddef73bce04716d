/** The compiled package itself: complete, small, and made of what WeChat has. */
const assert = require('node:assert/strict')
const { existsSync, readdirSync, readFileSync, statSync } = require('node:fs')
const { dirname, join, relative, resolve } = require('node:path')
const { test } = require('node:test')
const { BUILT } = require('./run.cjs')

const MAIN_MOST = 1024 * 1024
const SUB_MOST = 2 * 1024 * 1024
const APP_KEYS = ['pages', 'subPackages', 'window', 'tabBar', 'lazyCodeLoading', '__usePrivacyCheck__', 'sitemapLocation', 'usingComponents', 'preloadRule']
const TAGS = 'view text image input textarea button picker scroll-view video block slot'.split(' ')

const json = (path) => JSON.parse(readFileSync(join(BUILT, path), 'utf8'))
const files = readdirSync(BUILT, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(BUILT, name)).isFile())
const app = json('app.json')
const roots = app.subPackages.map((one) => one.root)
const pages = [...app.pages, ...app.subPackages.flatMap((one) => one.pages.map((page) => `${one.root}/${page}`))]
const homeOf = (name) => roots.find((root) => name.startsWith(`${root}/`)) ?? ''

test('app.json says only what WeChat knows', () => {
  assert.deepEqual(Object.keys(app).filter((key) => !APP_KEYS.includes(key)), [])
  assert.equal(app.lazyCodeLoading, 'requiredComponents')
  assert.ok(existsSync(join(BUILT, app.sitemapLocation)))
})

test('the main package holds the tabs and nothing else', () => {
  assert.deepEqual(app.pages, app.tabBar.list.map((tab) => tab.pagePath))
})

test('every page and every component it uses is complete', () => {
  const missing = []
  const seen = new Set()
  const visit = (path) => {
    if (seen.has(path)) return
    seen.add(path)
    for (const kind of ['js', 'json', 'wxml']) if (!existsSync(join(BUILT, `${path}.${kind}`))) missing.push(`${path}.${kind}`)
    if (missing.length > 0) return
    for (const used of Object.values(json(`${path}.json`).usingComponents ?? {})) visit(relative(BUILT, used.startsWith('/') ? join(BUILT, used) : resolve(dirname(join(BUILT, path)), used)))
  }
  pages.forEach(visit)
  assert.deepEqual(missing, [])
})

test('a sub-package uses what is its own or common, never what is another’s', () => {
  const crossing = files.filter((name) => name.endsWith('.json')).flatMap((name) => {
    const used = Object.values(json(name).usingComponents ?? {}).map((path) => relative(BUILT, path.startsWith('/') ? join(BUILT, path) : resolve(dirname(join(BUILT, name)), path)))
    return used.filter((path) => homeOf(`${path}/`) !== '' && homeOf(path) !== homeOf(name)).map((path) => `${name} -> ${path}`)
  })
  assert.deepEqual(crossing, [])
})

test('every file that is required is there', () => {
  const lost = files.filter((name) => name.endsWith('.js')).flatMap((name) => {
    const source = readFileSync(join(BUILT, name), 'utf8')
    return [...source.matchAll(/require\("(\.[^"]+)"\)/g)].map(([, path]) => resolve(dirname(join(BUILT, name)), path)).filter((path) => !existsSync(path)).map((path) => `${name} -> ${path}`)
  })
  assert.deepEqual(lost, [])
})

test('the main package is under 1 MB, each other under 2 MB', () => {
  const sizes = { '': 0 }
  for (const name of files) sizes[homeOf(name)] = (sizes[homeOf(name)] ?? 0) + statSync(join(BUILT, name)).size
  assert.ok(sizes[''] < MAIN_MOST, `main package: ${sizes['']} bytes`)
  for (const root of roots) assert.ok(sizes[root] < SUB_MOST, `${root}: ${sizes[root]} bytes`)
})

test('nothing of a browser is left in it', () => {
  const browsers = files.filter((name) => name.endsWith('.js') && /(?<![\w.$"'`])(window|document|localStorage|navigator)\.\w/.test(readFileSync(join(BUILT, name), 'utf8')))
  assert.deepEqual(browsers, [])
  assert.deepEqual(files.filter((name) => /jsqr/i.test(name)), [])
})

test('only tags that WeChat or we have are written', () => {
  const strange = files.filter((name) => name.endsWith('.wxml')).flatMap((name) => {
    const own = Object.keys(json(name.replace('.wxml', '.json')).usingComponents ?? {})
    // A component named like a tag of WeChat would fight with it.
    const clashing = own.filter((tag) => ['icon', 'text', 'button', 'form', 'label', 'switch', 'slider', 'image', 'video', 'camera', 'map', 'progress', 'radio', 'checkbox'].includes(tag))
    const used = [...readFileSync(join(BUILT, name), 'utf8').matchAll(/<([a-z][\w-]*)/g)].map(([, tag]) => tag)
    return [...clashing, ...used.filter((tag) => !TAGS.includes(tag) && !own.includes(tag))].map((tag) => `${name}: ${tag}`)
  })
  assert.deepEqual(strange, [])
})

test('styles ask for nothing that WeChat refuses in a component', () => {
  const refused = files.filter((name) => name.endsWith('.wxss') && name !== 'app.wxss' && /(^|[\s,}])(\*|\[[a-z-]+[=\]])/.test(readFileSync(join(BUILT, name), 'utf8').replace(/\{[^}]*\}/g, '{}')))
  assert.deepEqual(refused, [])
})

test('nothing is loaded from elsewhere', () => {
  const outside = files.filter((name) => /\.(wxml|wxss)$/.test(name) && /https?:\/\//.test(readFileSync(join(BUILT, name), 'utf8').replaceAll('http://www.w3.org/2000/svg', '')))
  assert.deepEqual(outside, [])
})
