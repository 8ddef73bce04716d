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
  furnish()
  // #endif
}
