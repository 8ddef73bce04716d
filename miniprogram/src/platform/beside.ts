/** Beside the column on a wide screen: what this is, and the way onto a phone. Fetched only where there is room for it. */
import { encode } from 'uqr'
import { watchEffect } from 'vue'
import { t } from '@/i18n'
import './beside.css'

const QUIET = 2

function code(text: string): string {
  const { data, size } = encode(text, { ecc: 'M', border: 0 })
  const squares = data.flatMap((line, y) => line.flatMap((dark, x) => (dark ? [`M${x + QUIET} ${y + QUIET}h1v1h-1z`] : []))).join('')
  const side = size + 2 * QUIET
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path d="${squares}"/></svg>`
}

function part(tag: string, name: string): HTMLElement {
  const element = document.createElement(tag)
  element.className = `beside-${name}`
  return element
}

export function show(): void {
  const panel = part('aside', 'panel')
  const [name, words, picture, hint] = [part('div', 'name'), part('p', 'words'), part('div', 'code'), part('div', 'hint')]
  picture.innerHTML = code(`${location.origin}${location.pathname}`)
  panel.append(name, words, picture, hint)
  document.body.append(panel)
  watchEffect(() => {
    name.textContent = t('home.title')
    words.textContent = t('home.beside')
    hint.textContent = t('home.beside_code')
  })
}
