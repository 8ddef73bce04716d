// What a person would see: pictures to keep, and the faults that can be found in a picture without a person.

import { mkdir } from 'node:fs/promises'
import path from 'node:path'

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

function wide() {
  const root = document.scrollingElement
  return root.scrollWidth > root.clientWidth + 1 ? `${root.scrollWidth} > ${root.clientWidth}` : ''
}

export class Eyes {
  /** `folder` is where pictures go. */
  constructor(folder) {
    this.folder = folder
    this.number = 0
    this.faults = []
  }

  /** Ask the page something, again if it has just gone on to another one. */
  async #ask(where, question) {
    for (let tries = 0; ; tries += 1) {
      try {
        return await where.evaluate(question)
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
    const text = await this.#ask(where, () => document.body.innerText)
    const foreign = [...new Set(text.replace(LATIN, '').match(WORD) ?? [])]
    if (foreign.length) {
      const near = foreign.map((word) => text.slice(Math.max(0, text.indexOf(word) - 20), text.indexOf(word) + 20).replace(/\s+/g, ' '))
      this.faults.push(`${name}: not Chinese: ${near.join(' | ')}`)
    }
    const tofu = await this.#ask(where, unreadable)
    if (tofu.length) this.faults.push(`${name}: no glyph for ${tofu.join(' ')}`)
    const beyond = await this.#ask(where, wide)
    if (beyond) this.faults.push(`${name}: wider than the screen: ${beyond}`)
  }
}
