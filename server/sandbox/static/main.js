// The page: a row of phones, or one at a time on a small window.

import { get, News } from './api.js'
import { Authenticator } from './authenticator.js'
import { fill, h, icon, surname, tint } from './dom.js'
import { Phone } from './phone.js'
import { config, switchLocale, t } from './texts.js'

const DEVICE = { width: 414, height: 868 }
const NARROW = 760

const views = new Map()
const staff = new Authenticator()
const row = document.getElementById('row')
const asked = new URLSearchParams(location.search)
let clockOffset = 0
let chosen = decodeURIComponent(location.hash.slice(1)) || asked.get('phone') || ''
let connection = 'offline'
let again = 0

const now = () => Date.now() / 1000 + clockOffset
const all = () => [...views.values(), staff]

async function readPhones() {
  const summaries = await get('/_sandbox/phones')
  const keys = new Set(summaries.map((summary) => summary.key))
  for (const [key, view] of views) {
    if (!keys.has(key)) {
      view.remove()
      views.delete(key)
    }
  }
  for (const summary of summaries) {
    const known = views.get(summary.key)
    if (known) known.refresh()
    else {
      const view = new Phone(summary, now)
      views.set(summary.key, view)
      row.insertBefore(view.root, staff.root.parentNode === row ? staff.root : null)
    }
  }
  if (staff.root.parentNode !== row) row.append(staff.root)
  if (!all().some((view) => view.key === chosen)) chosen = all()[0].key
  render()
}

async function readClock() {
  clockOffset = (await get('/_sandbox/clock')).offset
  for (const view of views.values()) view.tick()
}

function hear(change) {
  if (change.kind === 'phones') return readPhones()
  if (change.kind === 'resync') return Promise.all([readPhones(), readClock(), staff.refresh()])
  if (change.kind === 'authenticator') return staff.refresh()
  if (change.kind === 'clock') return readClock()
  if (change.kind === 'codes') {
    for (const view of views.values()) view.scanner?.refresh()
    return undefined
  }
  return change.phone ? views.get(change.phone)?.refresh().then(renderTabs) : undefined
}

function choose(key) {
  chosen = key
  history.replaceState(null, '', `#${encodeURIComponent(key)}`)
  render()
}

function render() {
  fill(document.getElementById('top'),
    h('div.brand', {}, h('span.mark', {}, icon('path', 20)), h('div', {}, h('h1', {}, `${config.program_name} · ${t('title')}`), h('p', {}, t('subtitle')))),
    h('div.tools', {},
      h(`span.state.${connection}`, { role: 'status' }, h('i'), again ? t('offline_again', { seconds: again }) : t(connection)),
      h('a', { href: `${config.app_origin}/console`, target: '_blank', rel: 'noopener' }, t('open_console')),
      h('a', { href: config.app_origin, target: '_blank', rel: 'noopener' }, t('open_site')),
      h('button', { type: 'button', onclick: changeLanguage }, t('language'))))
  renderTabs()
  for (const view of all()) view.root.classList.toggle('chosen', view.key === chosen)
}

function renderTabs() {
  const tabs = document.getElementById('tabs')
  fill(tabs, all().map((view) => h(`button${view.key === chosen ? '.on' : ''}`, {
    type: 'button', onclick: () => choose(view.key),
  }, view === staff
    ? h('span.avatar.key', {}, icon('key', 16))
    : h('span.avatar', { style: { background: tint(view.key) } }, surname(view.name)), h('span', {}, view.name), hasNews(view) && h('i'))))
  tabs.querySelector('.on')?.scrollIntoView({ block: 'nearest', inline: 'center' })
}

const hasNews = (view) => Boolean(view.data?.unread?.messages || view.data?.unread?.sms)

function changeLanguage() {
  switchLocale()
  render()
  for (const view of all()) view.render()
}

// The phone keeps its 390 × 844 inside and is scaled to the room there is.
function fit() {
  const narrow = window.innerWidth < NARROW
  document.body.classList.toggle('narrow', narrow)
  const above = narrow ? 160 : 208
  const room = { width: window.innerWidth - (narrow ? 24 : 80), height: window.innerHeight - above }
  const scale = Math.min(1, Math.max(0.52, Math.min(room.height / DEVICE.height, room.width / DEVICE.width)))
  document.documentElement.style.setProperty('--scale', scale.toFixed(4))
}

function start() {
  fit()
  render()
  window.addEventListener('resize', fit)
  window.addEventListener('pagehide', () => {
    for (const view of views.values()) {
      if (view.program.running) navigator.sendBeacon(`/_sandbox/phones/${encodeURIComponent(view.key)}/codes/hide`, '{}')
    }
  })
  new News(hear, (state, seconds = 0) => {
    if (state !== connection || seconds !== again) {
      connection = state
      again = seconds
      render()
    }
  })
  setInterval(() => staff.tick(), 500)
  setInterval(() => views.forEach((view) => view.tick()), 10_000)
}

// ?phone=grandma&path=pages/home/index opens a page at once; ?scan=text offers a code to that phone.
function follow() {
  const view = views.get(asked.get('phone') ?? chosen) ?? [...views.values()][0]
  if (chosen) document.getElementById(`phone-${chosen}`)?.scrollIntoView({ block: 'nearest', inline: 'start' })
  if (asked.has('path')) view?.program.open(asked.get('path'))
  if (asked.has('scan')) view?.scanForWeChat(asked.get('scan'))
}

start()
readClock().then(readPhones).then(follow)
