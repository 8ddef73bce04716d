// The SMS app: one thread a sender.

import { ofPhone, send } from './api.js'
import { fill, h } from './dom.js'
import { chatTime, t } from './texts.js'

const CODE = /(?<!\d)\d{4,6}(?!\d)/

export class SmsApp {
  constructor(phone) {
    this.phone = phone
    this.root = h('section.app.sms')
  }

  render() {
    const { texts } = this.phone.data
    const scroller = h('div.sms-list', {}, texts.length ? texts.map((sms) => this.bubble(sms)) : h('div.empty', {}, h('b', {}, t('no_sms'))))
    fill(this.root, h('header.wechat-bar.sms-bar', {}, h('span'), h('b', {}, t('sms')), h('span')), scroller)
    scroller.scrollTop = scroller.scrollHeight
    if (this.phone.current === 'sms') this.markRead()
  }

  markRead() {
    if (this.phone.data?.unread.sms) send(ofPhone(this.phone.key, '/read'), { sms: true }).catch(() => {})
  }

  bubble(sms) {
    const code = sms.text.match(CODE)?.[0]
    return h('div.sms-item', {},
      h('time', {}, chatTime(sms.at, this.phone.now())),
      h('p.bubble', {}, `【${sms.sign}】${sms.text}`),
      code && h('button.copy', { type: 'button', onclick: () => this.copy(code) }, `${t('copy')} ${code}`))
  }

  async copy(code) {
    await copyText(code)
    this.phone.toast(t('copied'))
  }
}

// The clipboard needs a secure page; on a plain address in the local network the old way still works.
export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const area = h('textarea', { value: text, style: { position: 'fixed', opacity: '0' } })
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  return area.remove()
}
