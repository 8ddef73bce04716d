// WeChat's own screens: the chat list and the service notices.

import { ofPhone, send } from './api.js'
import { fill, h, icon } from './dom.js'
import { sheet } from './sheet.js'
import { chatTime, config, t } from './texts.js'

export class WeChat {
  constructor(phone) {
    this.phone = phone
    this.chats = h('div.pane')
    this.notices = h('div.pane.notices')
    this.root = h('section.app.wechat', {}, this.chats, this.notices)
    this.openThread(false)
  }

  get reading() {
    return this.phone.current === 'wechat' && !this.notices.hidden
  }

  openThread(open) {
    this.notices.hidden = !open
    this.chats.hidden = open
    if (open) this.markRead()
  }

  markRead() {
    if (this.phone.data?.unread.messages) send(ofPhone(this.phone.key, '/read'), { messages: true }).catch(() => {})
  }

  render() {
    this.drawChats()
    this.drawNotices()
    if (this.reading) this.markRead()
  }

  drawChats() {
    const { messages, unread } = this.phone.data
    const last = messages.at(-1)
    fill(this.chats,
      h('header.wechat-bar', {}, h('span'), h('b', {}, t('wechat')),
        h('button', { type: 'button', 'aria-label': t('scan'), title: t('scan'), onclick: () => this.phone.scanForWeChat() }, icon('scan', 24))),
      h('div.chat-list', {},
        chat({
          picture: h('span.chat-picture.program-picture', {}, icon('path', 28)),
          name: config.program_name, line: t('program_hint'), tag: t('program_kind'),
          onclick: () => this.phone.program.open(),
        }),
        chat({
          picture: h('span.chat-picture.notice-picture', {}, icon('bell', 26)),
          name: t('service_notices'), badge: unread.messages,
          line: last ? last.title : t('no_messages'),
          time: last && chatTime(last.at, this.phone.now()),
          onclick: () => this.openThread(true),
        })))
  }

  drawNotices() {
    const { messages } = this.phone.data
    const scroller = h('div.notice-list', {}, messages.length ? messages.map((message) => this.card(message)) : empty())
    fill(this.notices,
      h('header.wechat-bar', {},
        h('button', { type: 'button', 'aria-label': t('back'), onclick: () => this.openThread(false) }, icon('back', 24)),
        h('b', {}, t('service_notices')), h('span')),
      scroller)
    scroller.scrollTop = scroller.scrollHeight
  }

  card(message) {
    const open = () => this.phone.program.open(message.page ?? '')
    return h('div.notice', {},
      h('time', {}, chatTime(message.at, this.phone.now())),
      h('article.card', {},
        h('div.card-head', {}, h('span.mark', {}, icon('path', 14)), h('span', {}, config.program_name),
          h('button', { type: 'button', 'aria-label': t('more'), onclick: () => this.refuse(message) }, icon('more', 20))),
        h('button.card-body', { type: 'button', onclick: open },
          h('b', {}, message.title),
          h('dl', {}, message.fields.flatMap((field) => [h('dt', {}, field.label), h('dd', {}, field.value)])),
          h('span.card-foot', {}, t('enter_program'), icon('forward', 14)))))
  }

  // The card's own menu: WeChat lets a person stop one kind of message right there.
  async refuse(message) {
    const stop = await this.phone.present((done) => sheet(h('div.menu', {},
      h('button', { type: 'button', onclick: () => done(true) }, t('refuse_messages')),
      h('button.cancel', { type: 'button', onclick: () => done(false) }, t('cancel')))))
    if (!stop) return
    await send(ofPhone(this.phone.key, '/subscribe-setting'), { itemSettings: { [message.template_id]: 'reject' } }, 'PUT')
    this.phone.toast(t('refused_messages', { title: message.title }))
  }
}

function chat({ picture, name, line, time, badge, tag, onclick }) {
  return h('button.chat', { type: 'button', onclick },
    h('span.chat-side', {}, picture, badge ? h('i.badge', {}, badge > 99 ? '99+' : String(badge)) : null),
    h('span.chat-words', {},
      h('span.chat-top', {}, h('b', {}, name), tag && h('em', {}, tag), time && h('time', {}, time)),
      h('span.chat-line', {}, line)))
}

function empty() {
  return h('div.empty', {}, icon('bell', 40), h('b', {}, t('no_messages')), h('p', {}, t('no_messages_hint')))
}
