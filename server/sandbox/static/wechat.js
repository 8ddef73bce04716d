// WeChat's own screens: the chat list, the service notices, and the chat of the service account.

import { ofPhone, send } from './api.js'
import { fill, h, icon } from './dom.js'
import { sheet } from './sheet.js'
import { chatTime, config, t } from './texts.js'

export class WeChat {
  constructor(phone) {
    this.phone = phone
    this.chats = h('div.pane')
    this.notices = h('div.pane.notices')
    this.account = h('div.pane.account')
    this.root = h('section.app.wechat', {}, this.chats, this.notices, this.account)
    this.openThread(null)
  }

  // Which chat is being read: 'messages' are the service notices, 'service' is the service account.
  get reading() {
    return this.phone.current === 'wechat' ? this.thread : null
  }

  openThread(thread) {
    this.thread = thread
    this.chats.hidden = thread !== null
    this.notices.hidden = thread !== 'messages'
    this.account.hidden = thread !== 'service'
    if (thread) this.markRead()
  }

  markRead() {
    if (this.phone.data?.unread?.[this.thread]) send(ofPhone(this.phone.key, '/read'), { [this.thread]: true }).catch(() => {})
  }

  render() {
    this.drawChats()
    this.drawNotices()
    this.drawAccount()
    if (this.reading) this.markRead()
  }

  drawChats() {
    const { messages, service_messages: ofAccount, follows, unread } = this.phone.data
    const [last, lastOfAccount] = [messages.at(-1), ofAccount.at(-1)]
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
          onclick: () => this.openThread('messages'),
        }),
        chat({
          picture: h('span.chat-picture.account-picture', {}, icon('path', 26)),
          name: config.service_name, tag: t('service_account'), badge: unread.service,
          line: lastOfAccount ? lastOfAccount.title : t(follows ? 'no_messages' : 'not_following'),
          time: lastOfAccount && chatTime(lastOfAccount.at, this.phone.now()),
          onclick: () => this.openThread('service'),
        })))
  }

  drawNotices() {
    const { messages } = this.phone.data
    const scroller = h('div.notice-list', {}, messages.length ? messages.map((message) => this.card(message)) : empty())
    fill(this.notices,
      h('header.wechat-bar', {},
        h('button', { type: 'button', 'aria-label': t('back'), onclick: () => this.openThread(null) }, icon('back', 24)),
        h('b', {}, t('service_notices')), h('span')),
      scroller)
    scroller.scrollTop = scroller.scrollHeight
  }

  drawAccount() {
    const { service_messages: messages, follows } = this.phone.data
    const shown = follows ? messages.map((message) => this.card(message, { ofAccount: true })) : [this.invitation()]
    const scroller = h('div.notice-list', {}, shown.length ? shown : empty('no_account_messages_hint'))
    const leave = h('button', { type: 'button', 'aria-label': t('more'), title: t('more'), onclick: () => this.leave() }, icon('more', 22))
    fill(this.account,
      h('header.wechat-bar', {},
        h('button', { type: 'button', 'aria-label': t('back'), onclick: () => this.openThread(null) }, icon('back', 24)),
        h('b', {}, config.service_name), follows ? leave : h('span')),
      scroller)
    scroller.scrollTop = scroller.scrollHeight
  }

  invitation() {
    return h('div.invitation', {},
      h('span.account-picture.chat-picture', {}, icon('path', 30)),
      h('b', {}, config.service_name), h('p', {}, t('follow_hint')),
      h('button.button.green', { type: 'button', onclick: () => this.follow(true) }, t('follow')))
  }

  follow(on) {
    return send(ofPhone(this.phone.key, '/follow'), { follow: on })
  }

  async leave() {
    const stop = await this.phone.present((done) => sheet(h('div.menu', {},
      h('button', { type: 'button', onclick: () => done(true) }, t('unfollow')),
      h('button.cancel', { type: 'button', onclick: () => done(false) }, t('cancel')))))
    if (stop) await this.follow(false)
  }

  card(message, { ofAccount = false } = {}) {
    const open = () => this.phone.program.open(message.page ?? '')
    return h('div.notice', {},
      h('time', {}, chatTime(message.at, this.phone.now())),
      h('article.card', {},
        ofAccount ? null : h('div.card-head', {}, h('span.mark', {}, icon('path', 14)), h('span', {}, config.program_name),
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

function empty(hint = 'no_messages_hint') {
  return h('div.empty', {}, icon('bell', 40), h('b', {}, t('no_messages')), h('p', {}, t(hint)))
}
