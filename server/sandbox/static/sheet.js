// Bottom sheets: their frame and the head with the mini-program's mark.

import { h, icon } from './dom.js'
import { config } from './texts.js'

export function sheet(...children) {
  return h('div.sheet', { role: 'dialog', 'aria-modal': 'true' }, ...children)
}

export function programHead(words) {
  return h('div.sheet-head', {}, h('span.mark', {}, icon('path', 16)), h('b', {}, config.program_name), words && h('span.quiet', {}, words))
}
