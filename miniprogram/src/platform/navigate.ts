/** Going from page to page. Tabs are switched to, everything else is put on top. */

const TABS = ['/pages/home', '/pages/services', '/pages/certificates', '/pages/inbox', '/pages/me']
const DEEPEST = 9

export type Query = Record<string, string | number | boolean | null | undefined>

export function address(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  const text = pairs.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')
  return text ? `${path}?${text}` : path
}

const bare = (url: string): string => `/${url.replace(/^[/#]+/, '')}`
const isTab = (url: string): boolean => TABS.includes(url.split('?')[0] ?? '')

/** Open a page. WeChat refuses the eleventh page on the pile, so near its end the top one is replaced. */
export function go(path: string, query?: Query): void {
  const url = address(bare(path), query)
  if (isTab(url)) return switchTab(url)
  const open = getCurrentPages().length >= DEEPEST ? uni.redirectTo : uni.navigateTo
  open({ url, fail: () => undefined })
}

export function replace(path: string, query?: Query): void {
  const url = address(bare(path), query)
  if (isTab(url)) return switchTab(url)
  uni.redirectTo({ url, fail: () => undefined })
}

export function switchTab(path: string): void {
  uni.switchTab({ url: bare(path).split('?')[0] ?? path, fail: () => undefined })
}

/** Home, with no page left below. */
export function startOver(): void {
  uni.reLaunch({ url: '/pages/home', fail: () => undefined })
}

/** One page back; a page that was opened by a link has none below it and goes home. */
export function back(): void {
  if (getCurrentPages().length > 1) uni.navigateBack({ delta: 1 })
  else switchTab('/pages/home')
}

/** WeChat draws a way home itself; a browser that opened an address has none. */
export function standsAlone(): boolean {
  let alone = false
  // #ifdef H5
  alone = getCurrentPages().length <= 1
  // #endif
  return alone
}

/** The address that opens this page again; WeChat has none to give. */
export function ownLink(): string {
  let link = ''
  // #ifdef H5
  link = location.href
  // #endif
  return link
}

export function currentRoute(): string {
  const pages = getCurrentPages()
  return `/${pages[pages.length - 1]?.route ?? ''}`
}
