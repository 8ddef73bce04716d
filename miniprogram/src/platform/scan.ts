/** Reading a QR code: WeChat's scanner, the sandbox's picker, or a browser's own page with camera, picture and typing. */
import { ask, sandboxPhone } from './bridge'

/** Whether one call does it all. Where it does not, the scan page is opened, which uses `eyes.ts`. */
export function scansByItself(): boolean {
  let itself = sandboxPhone() !== null
  // #ifdef MP-WEIXIN
  itself = true
  // #endif
  return itself
}

/** What the code says; null when the person changed their mind. */
export async function scan(): Promise<string | null> {
  let result: string | null = null
  // #ifdef MP-WEIXIN
  result = await new Promise<string | null>((resolve) => {
    wx.scanCode({ scanType: ['qrCode'], success: (answer) => resolve(answer.result), fail: () => resolve(null) })
  })
  // #endif
  // #ifdef H5
  if (sandboxPhone()) {
    result = await ask<{ result: string }>('scanCode')
      .then((answer) => answer.result)
      .catch(() => null)
  }
  // #endif
  return result
}

/** What stands in a pickup code: eight figures that only a counter can use. Nobody is asked whether it is a live one. */
export const isPickup = (text: string): boolean => /^\d{8}$/.test(text.replace(/\s+/g, ''))

/** The token within the address that a printed code holds; a bare token (typed by hand) is one too. */
export function tokenIn(text: string): string | null {
  const address = /\/q\/([\w-]{8,64})/.exec(text)
  if (address?.[1]) return address[1]
  const bare = text.replace(/\s+/g, '')
  return /^[\w-]{16,64}$/.test(bare) ? bare : null
}
