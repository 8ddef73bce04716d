/**
 * Runs the compiled mini-program in Node: pages are drawn into jsdom by WeChat's own component model (exparser), taps and
 * typing go through its events. No layout, no styles, and built-in tags are plain elements.
 */
const { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join, resolve } = require('node:path')
const { JSDOM } = require('jsdom')
const { Phone } = require('./phone.cjs')

const BUILT = resolve(__dirname, '../../../miniprogram/dist/build/mp-weixin')
const FROM_BROWSER = ['document', 'HTMLElement', 'Node', 'Event', 'CustomEvent', 'requestAnimationFrame', 'cancelAnimationFrame', 'MutationObserver', 'Element', 'Text', 'getComputedStyle']
const rest = (ms) => new Promise((done) => setTimeout(done, ms))

function browser() {
  const dom = new JSDOM('<!doctype html><html><head></head><body></body></html>', { url: 'http://localhost/', pretendToBeVisual: true })
  global.window = dom.window
  for (const name of FROM_BROWSER) global[name] = dom.window[name]
}

/** The stand-in for WeChat's template engine does not evaluate handlers that are data (`bindtap="{{a}}"`), which uni-app writes. */
function evaluateHandlers() {
  const Node = require('j-component/src/template/virtualnode')
  const expressions = require('j-component/src/template/expr')
  const generate = Node.prototype.generate
  Node.prototype.generate = function (options) {
    const result = generate.call(this, options)
    if (!result?.event) return result
    const evaluated = {}
    for (const [name, event] of Object.entries(result.event)) {
      const own = { ...event }
      delete own.id
      if (typeof own.handler === 'string' && own.handler.includes('{{')) own.handler = expressions.calcExpression(expressions.getExpression(own.handler), options.data ?? {})
      evaluated[name] = own
    }
    result.event = evaluated
    return result
  }
}

class Page {
  constructor(component, host, exparser) {
    Object.assign(this, { component, host, exparser })
    this.instance = component.instance
  }

  text() {
    return this.host.textContent.replace(/\s+/g, ' ').trim()
  }

  /** Elements whose class is or ends with the given one: a component's classes carry its prefix. */
  all(name) {
    return [...this.host.querySelectorAll('*')].filter((one) => [...one.classList].some((own) => own === name || own.endsWith(`--${name}`)))
  }

  /** What the component around an element draws from: built-in tags here forget their own attributes. */
  drawn(element) {
    return Object.values(element.__wxElement.ownerShadowRoot.__wxHost.data)
  }

  async tell(element, event, detail = {}) {
    const { Event } = this.exparser
    Event.dispatchEvent(element.__wxElement, Event.create(event, detail, { bubbles: true, composed: true, capturePhase: true }))
    await rest(60)
  }

  async tap(name, index = 0) {
    const element = typeof name === 'string' ? this.all(name)[index] : name
    if (!element) throw new Error(`nothing of class ${name} on the page: ${this.text()}`)
    await this.tell(element, 'tap')
  }

  async tapText(words) {
    const found = [...this.host.querySelectorAll('*')].filter((one) => one.textContent.replace(/\s+/g, ' ').includes(words))
    if (found.length === 0) throw new Error(`${words} is not on the page: ${this.text()}`)
    await this.tell(found[found.length - 1], 'tap')
  }
}

/** `stored` is what the phone kept from last time, by name. */
function start(stored = {}) {
  if (!existsSync(join(BUILT, 'app.js'))) throw new Error('build it first: npm run build:mp-weixin in miniprogram/')
  // The built files are CommonJS and lie inside a package of ES modules; a copy elsewhere is read as what it is.
  const root = mkdtempSync(join(tmpdir(), 'onetrip-mp-'))
  cpSync(BUILT, root, { recursive: true })
  writeFileSync(join(root, 'package.json'), '{"type":"commonjs"}')
  browser()
  const simulate = require('miniprogram-simulate')
  const exparser = require('miniprogram-exparser')
  evaluateHandlers()
  const phone = new Phone()
  for (const [name, value] of Object.entries(stored)) phone.stored.set(name, JSON.stringify(value))
  const open = []
  let app
  global.wx = phone.wx
  global.App = (options) => {
    app = options
    options.onLaunch?.call(options, { path: '', query: {}, scene: 1001 })
    options.onShow?.call(options, {})
  }
  global.getApp = () => app
  global.getCurrentPages = () => open
  global.Page = () => {
    throw new Error('a native page in a uni-app build')
  }
  require(join(root, 'app.js'))

  async function show(path, query = {}) {
    const id = simulate.load(join(root, path), { rootPath: root, compiler: 'simulate' })
    const component = simulate.render(id, {})
    const { instance } = component
    instance.route = instance.is = path
    instance.options = query
    open.push(instance)
    const host = document.createElement('div')
    document.body.appendChild(host)
    component.attach(host)
    instance.onLoad?.(query)
    instance.onShow?.()
    await rest(150)
    instance.onReady?.()
    await rest(50)
    return new Page(component, host, exparser)
  }

  async function leave(page) {
    open.splice(open.indexOf(page.instance), 1)
    page.instance.onUnload?.()
    page.component.detach()
    page.host.remove()
    await rest(10)
  }

  return { phone, show, leave, root, end: () => rmSync(root, { recursive: true, force: true }), appJson: JSON.parse(readFileSync(join(root, 'app.json'), 'utf8')) }
}

module.exports = { BUILT, rest, start }
