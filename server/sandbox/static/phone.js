// One phone: its frame, the apps in it, banners and sheets over them.

import { get, ofPhone, send } from './api.js'
import { fill, h, surname, tint } from './dom.js'
import { spaced } from './number.js'
import { Program } from './program.js'
import { Scanner } from './scan.js'
import { sheet } from './sheet.js'
import { copyText, SmsApp } from './sms.js'
import { clockTime, config, t } from './texts.js'
import { WeChat } from './wechat.js'

const APPS = ['wechat', 'sms', 'program']

export class Phone {
  // `now` gives the sandbox's time in seconds.
  constructor(summary, now) {
    this.key = summary.key
    this.now = now
    this.data = { ...summary, messages: [], service_messages: [], texts: [] }
    this.known = null
    this.current = 'wechat'
    this.scanner = null
    this.pending = new Set()
    this.build()
    this.refresh()
  }

  get name() { return this.data.name }

  get number() { return this.data.phone_number }

  build() {
    this.wechat = new WeChat(this)
    this.smsApp = new SmsApp(this)
    this.program = new Program(this)
    this.owner = h('header.owner')
    this.switcher = h('div.switcher', { role: 'tablist' })
    this.time = h('span')
    this.banners = h('div.banners', { 'aria-live': 'polite' })
    this.sheets = h('div.sheets')
    this.screen = h('div.screen', {},
      h('div.statusbar', {}, this.time, h('span.island'), h('span.signals', {}, h('i.bars'), h('i.battery'))),
      h('div.apps', {}, this.wechat.root, this.smsApp.root, this.program.root),
      h('div.homebar', {}, h('i')), this.banners, this.sheets)
    this.device = h('div.device', {}, this.screen)
    this.root = h('article.column', { id: `phone-${this.key}` }, this.owner, this.switcher, h('div.device-box', {}, this.device))
  }

  async refresh() {
    this.data = await get(ofPhone(this.key))
    this.announce()
    this.render()
  }

  render() {
    this.root.setAttribute('aria-label', t('phone_of', { name: this.name }))
    fill(this.owner,
      h('span.avatar', { style: { background: tint(this.key) } }, surname(this.name)),
      h('span.who', {}, h('b', {}, this.name), h('small', {}, this.data.caption || spaced(this.number))),
      h('span.number', {}, spaced(this.number)))
    this.wechat.render()
    this.smsApp.render()
    this.program.render()
    this.show(this.current)
    this.tick()
  }

  show(app) {
    this.current = app
    for (const [name, view] of [['wechat', this.wechat], ['sms', this.smsApp], ['program', this.program]]) {
      view.root.classList.toggle('front', name === app)
    }
    if (app === 'sms') this.smsApp.markRead()
    if (this.wechat.reading) this.wechat.markRead()
    this.screen.dataset.app = app
    const waiting = this.data.unread ?? { messages: 0, service: 0, sms: 0 }
    const unread = { wechat: waiting.messages + waiting.service, sms: waiting.sms }
    fill(this.switcher, APPS.map((name) => h(`button${name === app ? '.on' : ''}`, {
      type: 'button', role: 'tab', 'aria-selected': String(name === app), onclick: () => this.choose(name),
    }, t(name), unread[name] ? h('i.badge', {}, String(unread[name])) : null)))
  }

  choose(app) {
    if (app === 'program' && !this.program.running) this.program.open()
    else this.show(app)
  }

  tick() {
    this.time.textContent = clockTime(this.now())
  }

  // Banners for what came since the last look; the first look only learns what is there.
  announce() {
    const chats = [['messages', this.data.messages], ['service', this.data.service_messages]]
    const here = [...chats.flatMap(([, messages]) => messages.map((message) => message.msgid)), ...this.data.texts.map((sms) => sms.serial)]
    if (this.known) {
      for (const [thread, messages] of chats) {
        for (const message of messages) {
          if (!this.known.has(message.msgid)) this.bannerOfMessage(message, thread)
        }
      }
      for (const sms of this.data.texts) {
        if (!this.known.has(sms.serial) && this.current !== 'sms') {
          this.banner(t('sms'), `【${sms.sign}】${sms.text}`, () => this.show('sms'))
        }
      }
    }
    this.known = new Set(here)
  }

  bannerOfMessage(message, thread) {
    if (this.wechat.reading === thread) return
    const from = thread === 'service' ? config.service_name : t('service_notices')
    const words = message.fields.slice(0, 2).map((field) => field.value).join(' · ')
    this.banner(`${from} · ${message.title}`, words, () => {
      this.wechat.openThread(thread)
      this.show('wechat')
    })
  }

  banner(title, words, onclick) {
    const shown = h('button.banner', { type: 'button', onclick: () => { shown.remove(); onclick() } }, h('b', {}, title), h('span', {}, words))
    this.banners.append(shown)
    while (this.banners.children.length > 2) this.banners.firstChild.remove()
    setTimeout(() => shown.remove(), 6000)
  }

  toast(words) {
    const shown = h('div.toast', {}, words)
    this.screen.append(shown)
    setTimeout(() => shown.remove(), 1800)
  }

  shake() {
    this.device.classList.remove('shaking')
    requestAnimationFrame(() => this.device.classList.add('shaking'))
  }

  // Shows what `draw(done)` returns over the screen and resolves with what `done` is given.
  present(draw) {
    return new Promise((resolve) => {
      const layer = h('div.sheet-layer')
      const done = (value) => {
        layer.remove()
        this.pending.delete(done)
        resolve(value)
      }
      this.pending.add(done)
      layer.append(h('div.dim'), draw(done))
      this.sheets.append(layer)
      layer.querySelector('button.green, button')?.focus({ preventScroll: true })
    })
  }

  dismissSheets() {
    for (const done of [...this.pending]) done(undefined)
  }

  async scan(prefilled) {
    const text = await this.present((done) => {
      this.scanner = new Scanner(this, done)
      if (prefilled) this.scanner.prefill(prefilled)
      return this.scanner.root
    })
    this.scanner = null
    return text
  }

  // WeChat's own scanner decides by the text what opens.
  async scanForWeChat(prefilled) {
    const text = await this.scan(prefilled)
    if (!text) return
    const target = await send('/_sandbox/resolve', { text })
    if (target.kind === 'page') this.program.open(target.path)
    else if (target.kind === 'address') this.program.openAddress(target.url)
    else await this.showText(target.text)
  }

  async showText(text) {
    const copy = await this.present((done) => sheet(h('h3', {}, t('scan_text')), h('p.scanned', {}, text),
      h('div.buttons', {},
        h('button.button.plain', { type: 'button', onclick: () => done(false) }, t('close')),
        h('button.button.green', { type: 'button', onclick: () => done(true) }, t('copy')))))
    if (copy) await copyText(text)
  }

  remove() {
    this.program.stop()
    this.root.remove()
  }
}
