/** Leave to be told by WeChat: asked at the tap that makes it needed, and never a second time where it was refused. */
import { ref, type Ref } from 'vue'
import { freshKey, request } from '@/api/client'
import { t } from '@/i18n'
import { explain } from '@/mend'
import { say, sayDone } from '@/platform/screen'
import { keep, recall } from '@/platform/storage'
import { askToSubscribe, mainSwitch, openSwitches, type Subscriptions } from '@/platform/subscribe'

const REFUSED = 'refused'
const MATTERS_KEPT = 30

/** What was refused in which matter, the oldest first. */
type Refusals = [matter: string, templates: string[]][]

const refusedIn = (matter: string): string[] => (recall<Refusals>(REFUSED) ?? []).find(([known]) => known === matter)?.[1] ?? []

function remember(matter: string, answer: Subscriptions): void {
  const said = answer.results.filter((one) => one.outcome === 'reject').map((one) => one.template_id)
  if (said.length === 0) return
  const others = (recall<Refusals>(REFUSED) ?? []).filter(([known]) => known !== matter)
  keep(REFUSED, [...others, [matter, [...new Set([...refusedIn(matter), ...said])]]].slice(-MATTERS_KEPT))
}

/** Asks along with a deed. A no is taken for the whole matter: the next tap of it does not ask again. */
export async function askAlong(matter: string, templates: string[], nonce: string): Promise<Subscriptions | null> {
  const refused = refusedIn(matter)
  const answer = await askToSubscribe(templates.filter((one) => !refused.includes(one)), nonce)
  if (answer) remember(matter, answer)
  return answer
}

export interface Allow {
  busy: Ref<boolean>
  /** Asks because the person pressed for it, whatever they said before. True when something has changed. */
  allow(templates: string[]): Promise<boolean>
}

export function useAllow(): Allow {
  const busy = ref(false)

  async function allow(templates: string[]): Promise<boolean> {
    const answer = await askToSubscribe(templates, freshKey())
    if (!answer) return false
    busy.value = true
    try {
      await request('POST /subscriptions', { body: answer }, { key: answer.nonce })
      if (answer.main_switch === false) toSwitches()
      else if (answer.results.some((one) => one.outcome === 'accept')) sayDone(t('push.allowed'))
      return true
    } catch (problem) {
      explain(problem)
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, allow }
}

/** Where all messages are switched off, only the person can switch them on again. */
export function toSwitches(): void {
  if (!openSwitches()) say(t('push.switch_where'))
}

/** Tells the server once the main switch is on again. True when it is. */
export async function switchedOn(): Promise<boolean> {
  if ((await mainSwitch()) !== true) return false
  try {
    await request('POST /subscriptions', { body: { nonce: freshKey(), results: [], main_switch: true } })
    return true
  } catch {
    // The next look asks again.
    return false
  }
}
