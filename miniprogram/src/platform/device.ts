/** What the phone itself can tell or do. */
import { tell } from './bridge'

export function systemLanguage(): string {
  return uni.getLocale?.() ?? 'zh-Hans'
}

/** WeChat's own letter size: 17 is standard, about 24 its care mode. A browser tells by its root letter size (16). */
export function prefersLargeText(): boolean {
  let large = false
  // #ifdef MP-WEIXIN
  large = (wx.getAppBaseInfo().fontSizeSetting ?? 17) >= 20
  // #endif
  // #ifdef H5
  large = parseFloat(getComputedStyle(document.documentElement).fontSize) >= 20
  // #endif
  return large
}

export function call(phoneNumber: string): void {
  // A call that is broken off by its maker is not a failure worth a word.
  uni.makePhoneCall({ phoneNumber, fail: () => undefined })
}

export function copy(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    uni.setClipboardData({ data: text, showToast: false, success: () => resolve(), fail: reject })
  })
}

export interface Place {
  name: string
  address: string
  latitude: number
  longitude: number
}

export function openLocation(place: Place): void {
  // #ifdef MP-WEIXIN
  wx.openLocation({ ...place, scale: 16, fail: () => undefined })
  // #endif
  // #ifdef H5
  const query = `${place.latitude},${place.longitude}`
  window.open(`https://apis.map.qq.com/uri/v1/marker?marker=coord:${query};title:${encodeURIComponent(place.name)}`, '_blank', 'noopener')
  // #endif
}

/** Full light while a code is being shown, and back. Browsers cannot. */
export function brighten(on: boolean): void {
  // #ifdef MP-WEIXIN
  wx.setScreenBrightness({ value: on ? 1 : -1, fail: () => undefined })
  wx.setKeepScreenOn({ keepScreenOn: on, fail: () => undefined })
  // #endif
}

/** A browser can put a page on paper; WeChat cannot. */
export function canPrint(): boolean {
  let can = false
  // #ifdef H5
  can = typeof window.print === 'function'
  // #endif
  return can
}

export function print(): void {
  // #ifdef H5
  window.print()
  // #endif
}

export function watchNetwork(changed: (online: boolean) => void): void {
  uni.onNetworkStatusChange((status) => changed(status.isConnected))
}

export function buzz(): void {
  tell('vibrate')
  uni.vibrateLong({ fail: () => undefined })
}
