// The scanner: it "sees" any code another phone shows, or takes a pasted text.

import { get } from './api.js'
import { fill, h, icon } from './dom.js'
import { t } from './texts.js'

export class Scanner {
  constructor(phone, done) {
    this.phone = phone
    this.done = done
    this.list = h('div.scan-list')
    this.input = h('textarea', { rows: 2, placeholder: t('scan_paste'), 'aria-label': t('scan_paste'), maxLength: 4000 })
    this.input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey) return
      event.preventDefault()
      this.take()
    })
    this.root = h('div.scanner', { role: 'dialog', 'aria-modal': 'true', 'aria-label': t('scan') },
      h('div.scan-bar', {}, h('button', { type: 'button', 'aria-label': t('close'), onclick: () => done(null) }, icon('close', 24)),
        h('b', {}, t('scan'))),
      h('div.scan-view', {}, h('span.scan-line')),
      h('div.scan-tray', {}, h('p', {}, t('scan_hint')), this.list,
        h('div.scan-paste', {}, this.input,
          h('button.button.green', { type: 'button', onclick: () => this.take() }, t('confirm')))))
    this.refresh()
  }

  prefill(text) {
    this.input.value = text
  }

  take() {
    const text = this.input.value.trim()
    if (text) this.done(text)
    else this.input.focus()
  }

  async refresh() {
    const codes = (await get('/_sandbox/codes')).filter((code) => code.phone !== this.phone.key)
    if (!codes.length) return fill(this.list, h('p.scan-empty', {}, t('scan_empty')))
    return fill(this.list, codes.map((code) => h('button.scan-code', { type: 'button', onclick: () => this.done(code.text) },
      h('img', { src: `/_sandbox/qr.png?text=${encodeURIComponent(code.text)}`, alt: '', width: 84, height: 84 }),
      h('span', {}, h('b', {}, code.label || code.text), h('small', {}, code.hidden ? code.name : t('phone_of', { name: code.name }))))))
  }
}
