// The subscribe popup, as WeChat draws it.

import { h, icon } from './dom.js'
import { programHead, sheet } from './sheet.js'
import { t } from './texts.js'

// Resolves to {accept: ids, always}; closing the sheet otherwise rejects all.
export async function askSubscription(phone, templates) {
  const ticked = new Set(templates.map((template) => template.id))
  const answer = await phone.present((done) => draw(templates, ticked, done))
  return answer ?? { accept: [], always: false }
}

function draw(templates, ticked, done) {
  const always = h('input', { type: 'checkbox', name: 'always' })
  return sheet(
    programHead(t('apply')),
    h('h3', {}, t(templates[0].kind === 'long' ? 'ask_long' : 'ask_once')),
    h('ul.ticks', {}, templates.map((template) => row(template, ticked))),
    h('label.always', {}, always, h('span.round-check', {}, icon('check', 12)), t('always')),
    h('div.buttons', {},
      h('button.button.plain', { type: 'button', onclick: () => done({ accept: [], always: always.checked }) }, t('cancel')),
      h('button.button.green', { type: 'button', onclick: () => done({ accept: [...ticked], always: always.checked }) }, t('allow'))),
  )
}

function row(template, ticked) {
  const box = h('input', { type: 'checkbox', checked: true })
  box.addEventListener('change', () => (box.checked ? ticked.add(template.id) : ticked.delete(template.id)))
  const sample = h('dl.sample', { hidden: true },
    template.fields.flatMap((field) => [h('dt', {}, field.label), h('dd', {}, field.example)]))
  const info = h('button.info', {
    type: 'button',
    'aria-label': t('example'),
    onclick: () => { sample.hidden = !sample.hidden },
  }, icon('info', 18))
  return h('li', {}, h('div.tick', {}, h('label', {}, box, h('span.round-check', {}, icon('check', 12)), template.title), info), sample)
}
