/** Tells a sandbox which code this phone is holding up, so that another sandbox phone can scan it. */
import { onHide, onShow, onUnload } from '@dcloudio/uni-app'
import { watch } from 'vue'
import { tell } from './bridge'
import { brighten } from './device'

export interface ShownCode {
  text: string
  label: string
}

/** To be called by a page that draws a code; follows the page as it comes and goes, and the code as it changes. */
export function holdUp(code: () => ShownCode | null, light = true): void {
  let shown: ShownCode | null = null
  let visible = true

  function update(): void {
    const next = visible ? code() : null
    if (next?.text === shown?.text) return
    if (shown) tell('codeHidden', { text: shown.text })
    if (next) tell('codeShown', { text: next.text, label: next.label })
    if (light && Boolean(next) !== Boolean(shown)) brighten(next !== null)
    shown = next
  }

  watch(code, update, { immediate: true })
  onShow(() => ((visible = true), update()))
  onHide(() => ((visible = false), update()))
  onUnload(() => ((visible = false), update()))
}
