/** Asking leave to send WeChat messages. One accept is one message; it must be asked inside the tap, before any waiting. */
import { ask, sandboxPhone } from './bridge'

export interface Subscription {
  template_id: string
  outcome: 'accept' | 'reject' | 'ban' | 'filter'
}

export interface Subscriptions {
  nonce: string
  results: Subscription[]
  /** Known only when WeChat refused to ask, or when it was looked up. */
  main_switch?: boolean
}

const MOST = 3
const OUTCOMES: Record<string, Subscription['outcome']> = {
  accept: 'accept',
  // The same yes, with a sound or an alert.
  acceptWithAudio: 'accept',
  acceptWithAlert: 'accept',
  reject: 'reject',
  ban: 'ban',
  filter: 'filter',
}
const SWITCHED_OFF = 20004

type RawAnswer = Record<string, unknown>

/** WeChat names its refusals by a number, the sandbox's bridge by the same words. */
const switchedOff = (problem?: { errCode?: number; errMsg?: string; message?: string }): boolean =>
  problem?.errCode === SWITCHED_OFF || /main switch/i.test(problem?.errMsg ?? problem?.message ?? '')

function popup(tmplIds: string[]): Promise<RawAnswer> {
  let answer: Promise<RawAnswer> = Promise.resolve({})
  // #ifdef MP-WEIXIN
  answer = new Promise((resolve) => {
    wx.requestSubscribeMessage({
      tmplIds,
      success: (result) => resolve(result as unknown as RawAnswer),
      fail: (problem) => resolve({ switchedOff: switchedOff(problem) }),
    })
  })
  // #endif
  // #ifdef H5
  if (sandboxPhone()) answer = ask<RawAnswer>('requestSubscribeMessage', { tmplIds }).catch((problem: Error) => ({ switchedOff: switchedOff(problem) }))
  // #endif
  return answer
}

/** Whether there is a WeChat that could ask. */
export function canAsk(): boolean {
  let wechat = false
  // #ifdef MP-WEIXIN
  wechat = true
  // #endif
  // #ifdef H5
  wechat = sandboxPhone() !== null
  // #endif
  return wechat
}

/** What the person said about each template. Nothing where WeChat is not there or would not ask: the deed goes on without. */
export async function askToSubscribe(templates: string[], nonce: string): Promise<Subscriptions | null> {
  if (templates.length === 0) return null
  const answer = await popup(templates.slice(0, MOST))
  if (answer.switchedOff === true) return { nonce, results: [], main_switch: false }
  const results = templates.flatMap((template_id) => {
    const outcome = OUTCOMES[String(answer[template_id])]
    return outcome ? [{ template_id, outcome }] : []
  })
  return results.length > 0 ? { nonce, results } : null
}

/** Whether the main switch of all messages is on; null where nobody can say. */
export async function mainSwitch(): Promise<boolean | null> {
  let on: Promise<boolean | null> = Promise.resolve(null)
  // #ifdef MP-WEIXIN
  on = new Promise((resolve) => {
    wx.getSetting({ withSubscriptions: true, success: (found) => resolve(found.subscriptionsSetting?.mainSwitch ?? null), fail: () => resolve(null) })
  })
  // #endif
  // #ifdef H5
  if (sandboxPhone()) on = ask<{ mainSwitch: boolean }>('getSubscribeSetting').then((found) => found.mainSwitch, () => null)
  // #endif
  return on
}

/** Opens WeChat's own page of switches; false where a person has to find the way there. */
export function openSwitches(): boolean {
  let opened = false
  // #ifdef MP-WEIXIN
  wx.openSetting({ withSubscriptions: true, fail: () => undefined })
  opened = true
  // #endif
  return opened
}
