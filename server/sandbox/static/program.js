// The mini-program of one phone: WeChat's bar, the H5 build in a frame, and what wx would answer it.

import { ask, get, ofPhone, send } from './api.js'
import { Bridge, Failure } from './bridge.js'
import { fill, h, icon } from './dom.js'
import { askNumber } from './number.js'
import { askSubscription } from './subscribe.js'
import { showProgramMenu } from './menu.js'
import { config, locale, t } from './texts.js'

const PATIENCE_MS = 6000

export class Program {
  constructor(phone) {
    this.phone = phone
    this.title = h('span.bar-title')
    this.holder = h('div.program-holder')
    this.cover = h('div.program-cover', { hidden: true })
    this.more = h('button', { type: 'button', onclick: () => showProgramMenu(this) }, icon('more', 22))
    this.quit = h('button', { type: 'button', onclick: () => this.close() }, icon('target', 22))
    // The H5 build has a head of its own with the way back; this bar only says whose page it is.
    this.bar = h('div.program-bar', {}, h('span.mark', {}, icon('path', 13)), h('b', {}, config.program_name), this.title, h('div.capsule', {}, this.more, h('i'), this.quit))
    this.root = h('section.app.program', {}, this.bar, this.holder, this.cover)
    this.frame = null
    this.alive = false
  }

  render() {
    this.more.setAttribute('aria-label', t('more'))
    this.quit.setAttribute('aria-label', t('close'))
  }

  get running() {
    return this.frame !== null
  }

  // Brings the mini-program to the front; a page path makes it go there, started or not.
  open(path) {
    this.phone.show('program')
    if (!this.frame) return this.load(`#/${withoutSlash(path ?? '')}`)
    if (!path) return undefined
    if (this.alive) return this.bridge.push('navigate', { path: `/${withoutSlash(path)}` })
    return this.load(`#/${withoutSlash(path)}`)
  }

  // A scanned address of the product: shown in the frame as a browser would.
  openAddress(address) {
    const url = new URL(address)
    url.searchParams.set('phone', this.phone.key)
    this.phone.show('program')
    this.start(url.toString())
  }

  reload() {
    this.load('')
  }

  close() {
    this.stop()
    this.phone.show('wechat')
  }

  load(hash) {
    this.start(`${config.app_origin}/?phone=${encodeURIComponent(this.phone.key)}${hash === '#/' ? '' : hash}`)
  }

  start(address) {
    this.stop()
    this.frame = h('iframe', { src: address, title: t('phone_of', { name: this.phone.name }), allow: 'clipboard-write; camera' })
    this.bridge = new Bridge(this.frame, config.app_origin, this.calls())
    fill(this.holder, this.frame)
    this.showLoading()
  }

  stop() {
    if (!this.frame) return
    this.bridge.close()
    this.frame.remove()
    this.frame = null
    this.alive = false
    this.title.textContent = ''
    clearTimeout(this.timer)
    this.cover.hidden = true
    this.phone.dismissSheets()
    this.hideCodes()
  }

  setTitle(title) {
    this.title.textContent = title === config.program_name ? '' : title
  }

  hideCodes(text) {
    send(ofPhone(this.phone.key, '/codes/hide'), text === undefined ? {} : { text }).catch(() => {})
  }

  // What the H5 build may call, by name.
  calls() {
    const { phone } = this
    return {
      hello: () => this.greet(),
      login: () => send(ofPhone(phone.key, '/login'), {}),
      getPhoneNumber: () => this.givePhoneNumber(),
      requestSubscribeMessage: ({ tmplIds }) => this.requestSubscription(tmplIds),
      getSubscribeSetting: () => get(ofPhone(phone.key, '/subscribe-setting')),
      scanCode: () => this.scan(),
      codeShown: ({ text, label }) => this.showCode(text, label),
      codeHidden: ({ text }) => this.hideCodes(typeof text === 'string' ? text : undefined),
      setNavigationBarTitle: ({ title }) => this.setTitle(String(title ?? '').slice(0, 40)),
      vibrate: () => phone.shake(),
      close: () => { setTimeout(() => this.close(), 0) },
    }
  }

  greet() {
    this.alive = true
    clearTimeout(this.timer)
    this.cover.hidden = true
    this.hideCodes() // a page that loads anew shows nothing of the old one
    return { phone: this.phone.key, name: this.phone.name, locale: locale() }
  }

  async givePhoneNumber() {
    const number = await askNumber(this.phone)
    if (!number) throw new Failure('getPhoneNumber:fail user deny')
    return send(ofPhone(this.phone.key, '/phone-number'), { number })
  }

  async requestSubscription(tmplIds) {
    if (this.asking) throw new Failure('requestSubscribeMessage:fail last call has not ended')
    this.asking = true
    try {
      const asked = await ask(ofPhone(this.phone.key, '/subscribe/ask'), { tmplIds })
      if (!asked.ok) throw new Failure(asked.content.errMsg, asked.content.errCode)
      const { ask: templates } = asked.content
      const answer = templates.length ? await askSubscription(this.phone, templates) : {}
      const done = await ask(ofPhone(this.phone.key, '/subscribe'), { tmplIds, ...answer })
      if (!done.ok) throw new Failure(done.content.errMsg, done.content.errCode)
      return done.content
    } finally {
      this.asking = false
    }
  }

  async scan() {
    const text = await this.phone.scan()
    if (!text) throw new Failure('scanCode:fail cancel')
    return { result: text }
  }

  async showCode(text, label) {
    const shown = { text: String(text ?? ''), label: String(label ?? '').slice(0, 100) }
    const { ok } = await ask(ofPhone(this.phone.key, '/codes'), shown)
    if (!ok) throw new Failure('codeShown:fail invalid code')
  }

  showLoading() {
    fill(this.cover, h('div.program-mark', {}, icon('path', 40)), h('b', {}, config.program_name),
      h('div.dots', {}, h('i'), h('i'), h('i')))
    this.cover.hidden = false
    this.timer = setTimeout(() => this.checkUp(), PATIENCE_MS)
  }

  // No word from the page: is there nobody, or somebody who does not speak to the phone?
  async checkUp() {
    try {
      await fetch(config.app_origin, { mode: 'no-cors', cache: 'no-store' })
      this.cover.hidden = true
    } catch {
      fill(this.cover, h('div.program-mark.dim', {}, icon('path', 40)),
        h('b', {}, t('not_responding', { name: config.program_name })),
        h('p', {}, t('not_responding_hint', { origin: config.app_origin })),
        h('button.button.green', { type: 'button', onclick: () => this.reload() }, t('retry')))
    }
  }
}

function withoutSlash(path) {
  return path.replace(/^\/+/, '')
}
