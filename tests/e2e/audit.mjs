/** Looks at a drawn page as a stern reader would. Runs inside the page, so it is one function without outside names. */
export function audit({ elder }) {
  const LEAST_LETTER = elder ? 18 : 12
  const LEAST_TARGET = elder ? 60 : 44
  const found = []
  const shown = (element) => {
    const box = element.getBoundingClientRect()
    const style = getComputedStyle(element)
    return box.width > 0 && box.height > 0 && style.visibility !== 'hidden' && style.opacity !== '0'
  }
  const numbers = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number)
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const [r, g, b, a = 1] = numbers(getComputedStyle(one).backgroundColor)
      if (a > 0.9) return [r, g, b]
    }
    return [255, 255, 255]
  }
  const words = (element) => [...element.childNodes].filter((node) => node.nodeType === 3 && node.textContent.trim()).map((node) => node.textContent.trim()).join(' ')
  const scope = document.querySelector('uni-page-body') ?? document.body

  for (const element of scope.querySelectorAll('*')) {
    const text = words(element)
    if (!text || !shown(element) || element.tagName === 'STYLE' || element.tagName === 'SCRIPT') continue
    const style = getComputedStyle(element)
    const size = parseFloat(style.fontSize)
    // The number on the bell is the one small thing: it repeats what the list says at full size.
    if (size < LEAST_LETTER && !element.closest('.tab-badge')) found.push(`letters of ${size}px: ${text.slice(0, 30)}`)
    const [a, b] = [light(numbers(style.color).slice(0, 3)), light(ground(element))]
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    const needed = size >= 24 ? 3 : 4.5
    if (contrast < needed) found.push(`contrast ${contrast.toFixed(2)}: ${text.slice(0, 30)}`)
    if (/\b(common|home|identity|catalogue|booking|queue|cases|thread|certificates|delivery|ratings|documents|push)\.[a-z_.]+/.test(text)) found.push(`a key instead of words: ${text}`)
    if (/\{\w+\}|undefined|\bnull\b|NaN/.test(text)) found.push(`a hole in the words: ${text}`)
  }
  for (const element of scope.querySelectorAll('[role=button],[role=link],[role=tab],[role=radio],[role=checkbox]')) {
    if (!shown(element)) continue
    const box = element.getBoundingClientRect()
    if (box.height + 0.5 < LEAST_TARGET) found.push(`target ${Math.round(box.width)}×${Math.round(box.height)}: ${element.className} ${element.textContent.trim().slice(0, 20)}`)
    const name = element.getAttribute('aria-label') || element.textContent.trim()
    if (!name) found.push(`nameless: ${element.className}`)
  }
  for (const field of scope.querySelectorAll('input,textarea')) {
    if (shown(field) && field.type !== 'file' && !field.getAttribute('aria-label')) found.push(`field without a name: ${field.outerHTML.slice(0, 80)}`)
  }
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth
  if (over > 1) found.push(`wider than the screen by ${over}px`)
  return [...new Set(found)]
}
