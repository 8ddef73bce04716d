/** Who the phone belongs to, asked of WeChat (or of the sandbox that plays it). */
import { ask, sandboxPhone } from './bridge'

/** Whether this place logs in by itself. A plain browser does not: there a person asks for an SMS code. */
export function logsInSilently(): boolean {
  let silently = sandboxPhone() !== null
  // #ifdef MP-WEIXIN
  silently = true
  // #endif
  return silently
}

let underWay: Promise<string> | null = null

function freshCode(): Promise<string> {
  let code: Promise<string> = Promise.reject(new Error('login:fail'))
  code.catch(() => undefined)
  // #ifdef MP-WEIXIN
  code = new Promise((resolve, reject) => {
    wx.login({ success: (answer) => resolve(answer.code), fail: (problem) => reject(new Error(problem.errMsg)) })
  })
  // #endif
  // #ifdef H5
  code = ask<{ code: string }>('login').then((answer) => answer.code)
  // #endif
  return code
}

/** A code is good for one exchange; two logins at once would spoil each other's session key, so there is one at a time. */
export function loginCode(): Promise<string> {
  underWay ??= freshCode().finally(() => (underWay = null))
  return underWay
}

interface PhoneNumberEvent {
  detail?: { code?: string; errMsg?: string }
}

/** The code for the phone number: WeChat hands it to the tapped button, the sandbox is asked. Null when refused. */
export async function phoneNumberCode(event?: PhoneNumberEvent): Promise<string | null> {
  if (event?.detail?.code) return event.detail.code
  if (!sandboxPhone()) return null
  try {
    return (await ask<{ code: string }>('getPhoneNumber')).code
  } catch {
    return null
  }
}
