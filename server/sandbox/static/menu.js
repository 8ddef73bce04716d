// The sheet behind the capsule's dots: restart, and the notices a person may turn off.

import { get, ofPhone, send } from './api.js'
import { h } from './dom.js'
import { programHead, sheet } from './sheet.js'
import { t } from './texts.js'

export async function showProgramMenu(program) {
  const { phone } = program
  const choice = await phone.present((done) => sheet(
    programHead(''),
    h('div.menu', {},
      h('button', { type: 'button', onclick: () => done('settings') }, t('message_settings')),
      h('button', { type: 'button', onclick: () => done('reload') }, t('reload')),
      h('button.cancel', { type: 'button', onclick: () => done(null) }, t('cancel'))),
  ))
  if (choice === 'reload') program.reload()
  if (choice === 'settings') await showMessageSettings(phone)
}

export async function showMessageSettings(phone) {
  const [setting, templates] = await Promise.all([get(ofPhone(phone.key, '/subscribe-setting')), get('/_sandbox/templates')])
  const titles = Object.fromEntries(templates.map((template) => [template.id, template.title]))
  const change = (what) => send(ofPhone(phone.key, '/subscribe-setting'), what, 'PUT')
  const kept = Object.entries(setting.itemSettings)
  await phone.present((done) => sheet(
    programHead(''),
    h('h3', {}, t('message_settings')),
    toggle(t('main_switch'), setting.mainSwitch, (on) => change({ mainSwitch: on })),
    h('p.quiet.group', {}, t(kept.length ? 'kept_choices' : 'no_kept_choices')),
    kept.map(([id, choice]) => toggle(titles[id] ?? id, choice === 'accept',
      (on) => change({ itemSettings: { [id]: on ? 'accept' : 'reject' } }))),
    h('div.buttons', {}, h('button.button.green', { type: 'button', onclick: () => done(null) }, t('confirm'))),
  ))
}

function toggle(label, on, onchange) {
  const box = h('input', { type: 'checkbox', checked: on, role: 'switch' })
  box.addEventListener('change', () => onchange(box.checked))
  return h('label.toggle', {}, label, box, h('span.switch'))
}
