// What a person would see: pictures to keep, and the faults that can be found in a picture without a person.

import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { speaking } from './words.mjs'

// Words that are written with Latin letters in Chinese, too.
const LATIN = /(?<=“)[a-z]+(?=”的)|\b(?:PDF|API|QR|SQL|OneTrip|MB\dX\w+|[A-Z]-?\d+|clerk\d|manager\d|reviewer\d)\b|[0-9A-Z]{18}|\bhttps?:\S+|[a-z0-9]{0,4}\.(?:png|jpg|pdf)\b/g
const WORD = /[A-Za-z]{3,}/g

/** Throw with the sentence, unless it is so. */
export function must(so, sentence) {
  if (!so) throw new Error(sentence)
}

/** Glyphs nobody can read: those drawn like a character no font has. */
function unreadable() {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 24
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  const drawn = (text, family) => {
    pen.clearRect(0, 0, 24, 24)
    pen.font = `20px ${family}`
    pen.fillText(text, 2, 20)
    return pen.getImageData(0, 0, 24, 24).data.join()
  }
  const family = getComputedStyle(document.body).fontFamily
  const tofu = drawn('\u{10FFFD}', family)
  const seen = (globalThis.readAlready ??= new Set())
  const fresh = [...new Set(document.body.innerText)].filter((char) => char > '\u2000' && !seen.has(char))
  return fresh.filter((char) => seen.add(char) && drawn(char, family) === tofu)
}

/** Chinese in a page of another language, but for what is marked as Chinese and for `known`: the guide's words, names, what people wrote. */
function chinese(known) {
  const read = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const found = new Set()
  while (read.nextNode()) {
    const holder = read.currentNode.parentElement
    if (!holder.checkVisibility({ visibilityProperty: true }) || holder.closest('script, style, [lang^="zh"]')) continue
    const words = known.reduce((text, one) => text.replaceAll(one, ''), read.currentNode.textContent).replace(/\p{Script=Han}+〔\d{4}〕\d+号/gu, '')
    if (/\p{Script=Han}/u.test(words)) found.add(words.trim().slice(0, 40))
  }
  return [...found]
}

/** Words that go on where their box ends. What is cut on purpose, line by line, can be read in full elsewhere. */
function clipped() {
  const cut = []
  for (const box of document.querySelectorAll('body *')) {
    const words = [...box.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent.trim()).join('')
    if (!words || !box.checkVisibility({ visibilityProperty: true })) continue
    const style = getComputedStyle(box)
    if (style.overflowX === 'visible' || style.clipPath !== 'none' || box.clientWidth <= 1) continue
    if (box.scrollWidth > box.clientWidth + 1 || (box.scrollHeight > box.clientHeight + 2 && style.overflowY === 'hidden')) cut.push(words.slice(0, 30))
  }
  return cut
}

function wide() {
  const root = document.scrollingElement
  return root.scrollWidth > root.clientWidth + 1 ? `${root.scrollWidth} > ${root.clientWidth}` : ''
}

export class Eyes {
  /** `folder` is where pictures go; `locale` is what everything should be in. */
  constructor(folder, locale = 'zh-CN') {
    this.folder = folder
    this.locale = locale
    this.t = speaking(locale)
    this.number = 0
    this.faults = []
    this.data = []
  }

  /** What stays in Chinese whatever language is read: every text of `data`, longest first. */
  knows(...data) {
    const texts = (one) => (typeof one === 'string' ? [one] : Object.values(one ?? {}).flatMap(texts))
    this.data = [...this.data, ...data.flatMap(texts)].filter((one) => /\p{Script=Han}/u.test(one)).sort((a, b) => b.length - a.length)
  }

  /** Ask the page something, again if it has just gone on to another one. */
  async #ask(where, question, given) {
    for (let tries = 0; ; tries += 1) {
      try {
        return await where.evaluate(question, given)
      } catch (wrong) {
        if (tries === 5 || !/context was destroyed/.test(wrong.message)) throw wrong
      }
    }
  }

  /** Keep a picture of `what` (a page or an element), where PICTURES asks for them, and check the text of `where` (a page or frame of ours), if there is one. */
  async look(name, what, where) {
    this.number += 1
    if (process.env.PICTURES) await this.keep(name, what)
    if (where) await this.read(name, where)
  }

  async keep(name, what) {
    await mkdir(this.folder, { recursive: true })
    const file = path.join(this.folder, `${String(this.number).padStart(2, '0')}-${name}.png`)
    await what.screenshot({ path: file, animations: 'disabled' })
  }

  async read(name, where) {
    const foreign = await (this.locale === 'zh-CN' ? this.#latin(where) : this.#ask(where, chinese, this.data))
    if (foreign.length) this.faults.push(`${name}: another language: ${foreign.join(' | ')}`)
    const cut = await this.#ask(where, clipped)
    if (cut.length) this.faults.push(`${name}: clipped: ${cut.join(' | ')}`)
    const tofu = await this.#ask(where, unreadable)
    if (tofu.length) this.faults.push(`${name}: no glyph for ${tofu.join(' ')}`)
    const beyond = await this.#ask(where, wide)
    if (beyond) this.faults.push(`${name}: wider than the screen: ${beyond}`)
  }

  async #latin(where) {
    const text = await this.#ask(where, () => document.body.innerText)
    const foreign = [...new Set(text.replace(LATIN, '').match(WORD) ?? [])]
    return foreign.map((word) => text.slice(Math.max(0, text.indexOf(word) - 20), text.indexOf(word) + 20).replace(/\s+/g, ' '))
  }
}
