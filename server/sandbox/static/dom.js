// Elements without a framework: h('div.card', {onclick}, 'text', child).

export function h(what, props = {}, ...children) {
  const [tag, ...classes] = what.split('.')
  const element = document.createElement(tag || 'div')
  if (classes.length) element.className = classes.join(' ')
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (name === 'style') Object.assign(element.style, value)
    else if (name in element && name !== 'list') element[name] = value
    else element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false))
  return element
}

const PATHS = {
  scan: '<path d="M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M3 12h18"/>',
  back: '<path d="M15 4l-8 8 8 8"/>',
  forward: '<path d="M9 4l8 8-8 8"/>',
  close: '<path d="M5 5l14 14M19 5L5 19"/>',
  more: '<circle cx="5" cy="12" r="1.600" fill="currentColor"/><circle cx="12" cy="12" r="2.300" fill="currentColor"/><circle cx="19" cy="12" r="1.600" fill="currentColor"/>',
  target: '<circle cx="12" cy="12" r="8"/><circle cx="12" cy="12" r="3.200" fill="currentColor"/>',
  check: '<path d="M5 12.500l5 5L19.500 7"/>',
  bell: '<path d="M12 3.500a6 6 0 0 0-6 6v4l-1.500 3h15L18 13.500v-4a6 6 0 0 0-6-6zM10 19.500a2 2 0 0 0 4 0"/>',
  info: '<circle cx="12" cy="12" r="8.500"/><path d="M12 11v5M12 7.800v.2"/>',
  key: '<circle cx="8" cy="12" r="4"/><path d="M12 12h9M18 12v3.500M15 12v2.500"/>',
  path: '<path d="M4 16c5 4 12 4 16-.5" opacity=".55"/><path d="M6 10.500l4.500 4.500L18.500 7"/>',
  reload: '<path d="M19.500 12a7.500 7.500 0 1 1-2.300-5.400M19.500 3.500v4h-4"/>',
}

export function icon(name, size = 20) {
  const holder = h('span.icon', { 'aria-hidden': 'true' })
  holder.innerHTML = `<svg viewBox="0 0 24 24" width="${size}" height="${size}" fill="none" stroke="currentColor" stroke-width="1.700" stroke-linecap="round" stroke-linejoin="round">${PATHS[name]}</svg>`
  return holder
}

export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false))
}

export function surname(name) {
  return [...name][0] ?? '?'
}

const TINTS = ['#5b8def', '#e08a4a', '#4aa58c', '#b574c8', '#d0667a', '#6d8a3f', '#4b93b5', '#a88746']

export function tint(key) {
  let sum = 0
  for (const char of key) sum = (sum * 9 + char.codePointAt(0)) % 9973
  return TINTS[sum % TINTS.length]
}
