/** Asking leave to send WeChat messages. One accept is one message; it must be asked inside the tap, before any waiting. */
import { ask, sandboxPhone } from './bridge'

export interface Subscription {
  template_id: string
  outcome: 'accept' | 'reject' | 'ban' | 'filter'
}

export interface Subscriptions {
  nonce: string
  results: Subscription[]
}

const MOST = 3
const OUTCOMES = ['accept', 'reject', 'ban', 'filter']

type RawAnswer = Record<string, unknown>

function popup(tmplIds: string[]): Promise<RawAnswer> {
  let answer: Promise<RawAnswer> = Promise.resolve({})
  // #ifdef MP-WEIXIN
  answer = new Promise((resolve) => {
    wx.requestSubscribeMessage({
      tmplIds,
      success: (result) => resolve(result as unknown as RawAnswer),
      fail: () => resolve({}),
    })
  })
  // #endif
  // #ifdef H5
  if (sandboxPhone()) answer = ask<RawAnswer>('requestSubscribeMessage', { tmplIds }).catch(() => ({}))
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
  const results = templates.flatMap((template_id) => {
    const outcome = answer[template_id]
    return typeof outcome === 'string' && OUTCOMES.includes(outcome)
      ? [{ template_id, outcome: outcome as Subscription['outcome'] }]
      : []
  })
  return results.length > 0 ? { nonce, results } : null
}
