// The authenticator app of the sample staff.

import { get } from './api.js'
import { fill, h, icon } from './dom.js'
import { copyText } from './sms.js'
import { clockTime, t } from './texts.js'

export class Authenticator {
  constructor() {
    this.key = 'authenticator'
    this.entries = []
    this.fetchedAt = 0
    this.list = h('div.codes')
    this.time = h('span')
    this.owner = h('header.owner')
    this.screen = h('div.screen.dark', { 'data-app': 'codes' },
      h('div.statusbar', {}, this.time, h('span.island'), h('span.signals', {}, h('i.bars'), h('i.battery'))), this.list, h('div.homebar', {}, h('i')))
    this.root = h('article.column', { id: 'phone-authenticator' }, this.owner, h('div.switcher.ghost'),
      h('div.device-box', {}, h('div.device', {}, this.screen)))
    this.refresh()
  }

  get name() { return t('authenticator') }

  async refresh() {
    this.entries = await get('/_sandbox/authenticator')
    this.fetchedAt = performance.now()
    this.render()
  }

  render() {
    fill(this.owner, h('span.avatar.key', {}, icon('key', 22)),
      h('span.who', {}, h('b', {}, t('authenticator')), h('small', {}, t('authenticator_hint'))))
    fill(this.list, h('h2', {}, t('authenticator')),
      this.entries.length ? this.entries.map((entry) => this.row(entry)) : h('p.codes-empty', {}, t('authenticator_empty')))
    this.tick()
  }

  row(entry) {
    const copy = (event) => copyText(entry.code).then(() => {
      const button = event.target.closest('button')
      button.classList.add('done')
      setTimeout(() => button.classList.remove('done'), 1200)
    })
    return h('button.totp', { type: 'button', title: t('copy'), onclick: copy },
      h('span.totp-label', {}, entry.label),
      h('span.totp-code', {}, `${entry.code.slice(0, 3)} ${entry.code.slice(3)}`),
      h('span.ring'), h('span.copied', {}, t('copied')))
  }

  // Turns the rings; when a period ends the next codes are fetched.
  tick() {
    this.time.textContent = clockTime(Date.now() / 1000)
    if (!this.entries.length) return
    const left = this.entries[0].seconds_left - (performance.now() - this.fetchedAt) / 1000
    if (left <= 0) {
      this.entries = this.entries.map((entry) => ({ ...entry, seconds_left: entry.period }))
      this.refresh()
      return
    }
    for (const ring of this.list.querySelectorAll('.ring')) {
      ring.style.setProperty('--left', String(left / this.entries[0].period))
      ring.textContent = String(Math.ceil(left))
      ring.classList.toggle('late', left <= 5)
    }
  }
}
