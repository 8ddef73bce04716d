/** What a browser needs and WeChat brings along: keys that press, and something calm beside the page on a wide screen. */

const PRESSED_BY_KEYS = ['button', 'tab', 'radio', 'checkbox', 'switch', 'link']

function pressByKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement
  if (event.key !== 'Enter' && event.key !== ' ') return
  if (!PRESSED_BY_KEYS.includes(target.getAttribute('role') ?? '')) return
  event.preventDefault()
  target.click()
}

/** uni-app keeps a label on the box around a field; who cannot see needs it on the field. */
function labelFields(): void {
  for (const box of document.querySelectorAll('uni-input[aria-label], uni-textarea[aria-label]')) {
    const field = box.querySelector('input, textarea')
    if (!field) continue
    field.setAttribute('aria-label', box.getAttribute('aria-label') ?? '')
    box.removeAttribute('aria-label')
  }
}

const LOST = '#/features/codes/pages/lost'

/** An address that no page answers to: the router would show an empty screen and say nothing. */
export function leadsNowhere(hash: string, known: { path: string; alias?: string }[]): boolean {
  const path = hash.replace(/^#/, '').split('?')[0] ?? ''
  return path !== '' && path !== '/' && !known.some((route) => route.path === path || route.alias === path)
}

function findTheWay(): void {
  const { __uniRoutes: known = [] } = globalThis as unknown as { __uniRoutes?: { path: string; alias?: string }[] }
  if (leadsNowhere(location.hash, known)) location.replace(LOST)
}

const ROOMY = '(min-width: 1180px)'

function furnish(): void {
  const room = window.matchMedia(ROOMY)
  const fill = async (): Promise<void> => (await import('./beside')).show()
  if (room.matches) void fill()
  else room.addEventListener?.('change', () => void fill(), { once: true })
}

export function decorate(): void {
  // #ifdef H5
  document.addEventListener('keydown', pressByKey)
  new MutationObserver(labelFields).observe(document.body, { subtree: true, childList: true, attributeFilter: ['aria-label'] })
  findTheWay()
  // Before the router hears of it.
  window.addEventListener('hashchange', findTheWay, { capture: true })
  window.addEventListener('popstate', findTheWay, { capture: true })
  furnish()
  // #endif
}
