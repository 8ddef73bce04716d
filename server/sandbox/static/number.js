// The phone number popup: the bound number, another one, or none.

import { h, icon } from './dom.js'
import { programHead, sheet } from './sheet.js'
import { t } from './texts.js'

const NUMBER = /^1\d{10}$/

// Resolves to the allowed number or null.
export async function askNumber(phone) {
  return (await phone.present((done) => draw(phone.number, done))) ?? null
}

function draw(own, done) {
  const hint = h('p.hint', { hidden: true }, t('other_number_hint'))
  const input = h('input.line', { type: 'tel', inputMode: 'numeric', maxLength: 11, hidden: true, 'aria-label': t('other_number') })
  const first = h('input', { type: 'radio', name: 'number', checked: true })
  const other = h('input', { type: 'radio', name: 'number' })
  const choose = () => {
    input.hidden = !other.checked
    hint.hidden = true
    if (other.checked) input.focus()
  }
  first.addEventListener('change', choose)
  other.addEventListener('change', choose)
  const allow = () => {
    const number = other.checked ? input.value.trim() : own
    if (NUMBER.test(number)) done(number)
    else hint.hidden = false
  }
  return sheet(
    programHead(t('apply')),
    h('h3', {}, t('ask_number')),
    h('div.ticks', { role: 'radiogroup' },
      h('label.tick', {}, first, h('span.round-check', {}, icon('check', 12)),
        h('span', {}, spaced(own), h('small', {}, t('own_number')))),
      h('label.tick', {}, other, h('span.round-check', {}, icon('check', 12)), h('span', {}, t('other_number'))),
      input, hint),
    h('div.buttons', {},
      h('button.button.plain', { type: 'button', onclick: () => done(null) }, t('reject')),
      h('button.button.green', { type: 'button', onclick: allow }, t('allow'))),
  )
}

export function spaced(number) {
  return number.replace(/^(\d{3})(\d{4})(\d{4})$/, '$1 $2 $3')
}
