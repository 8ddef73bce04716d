/** What the frame around a page shows: its title, short words, questions. */
import { tell } from './bridge'

export function setTitle(title: string): void {
  uni.setNavigationBarTitle({ title, fail: () => undefined })
  tell('setNavigationBarTitle', { title })
}

export function setPageLanguage(language: string): void {
  // #ifdef H5
  document.documentElement.lang = language
  // #endif
}

/** The product draws its own tab bar: WeChat's cannot grow for old eyes. */
export function hideNativeTabBar(): void {
  // #ifdef H5
  uni.hideTabBar({ animation: false, fail: () => undefined })
  // #endif
}

export function say(title: string): void {
  uni.showToast({ title, icon: 'none', duration: 2500 })
}

export function sayDone(title: string): void {
  uni.showToast({ title, icon: 'success', duration: 1500 })
}

export function showBusy(title: string): void {
  uni.showLoading({ title, mask: true })
}

export function hideBusy(): void {
  uni.hideLoading()
}

export interface Question {
  title: string
  content?: string
  confirm: string
  cancel: string
}

export function confirm(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    uni.showModal({
      title: question.title,
      content: question.content ?? '',
      confirmText: question.confirm,
      cancelText: question.cancel,
      confirmColor: '#1a5fd0',
      success: (answer) => resolve(answer.confirm),
      fail: () => resolve(false),
    })
  })
}

/** Resolves with the index of the line that was tapped, or -1. */
export function chooseFrom(lines: string[]): Promise<number> {
  return new Promise((resolve) => {
    uni.showActionSheet({ itemList: lines, success: (answer) => resolve(answer.tapIndex), fail: () => resolve(-1) })
  })
}

export function stopRefresh(): void {
  uni.stopPullDownRefresh()
}

/** Brings what needs an answer before the eyes, and to the reader of the screen: the element with this class. */
export function bringForward(name: string): void {
  uni.pageScrollTo({ scrollTop: 0, duration: 0, fail: () => undefined })
  // #ifdef H5
  const found = document.querySelector<HTMLElement>(`.${name}`)
  found?.setAttribute('tabindex', '-1')
  found?.focus({ preventScroll: true })
  // #endif
}

export function scrollToTop(): void {
  uni.pageScrollTo({ scrollTop: 0, duration: 0, fail: () => undefined })
}

export interface Box {
  left: number
  top: number
  width: number
  height: number
}

/** Where an element of a component is on the screen; null where there is none. */
export function boxOf(selector: string, owner: unknown): Promise<Box | null> {
  return new Promise((resolve) => {
    const asked = uni.createSelectorQuery().in(owner as never)
    asked.select(selector).boundingClientRect((found) => resolve((found as Box | null) ?? null)).exec()
  })
}
