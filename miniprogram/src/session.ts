/** Who is logged in on this phone. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { request, requestBeforeLogin, useSession as tellClient } from '@/api/client'
import type { LoginOut, MeOut } from '@/api/schema'
import { framed, greet } from '@/platform/bridge'
import { prefersLargeText } from '@/platform/device'
import { loginCode, logsInSilently } from '@/platform/login'
import { go, startOver } from '@/platform/navigate'
import { say } from '@/platform/screen'
import { letGo } from '@/handover'
import { forget, keep, recall } from '@/platform/storage'
import { languageWasChosen, setLocale, t } from '@/i18n'

const elderWasChosen = (): boolean => recall('elder') !== undefined

/** While a phone is lent to a walk (走流程): the number of the walk, and the login of its owner, which comes back. */
interface Lent {
  number: string
  own: string
}

export const useSession = defineStore('session', () => {
  const token = ref(recall<string>('token') ?? '')
  const me = ref<MeOut | null>(null)
  const loggedIn = computed(() => token.value !== '')
  /** Large letters: as chosen on this phone, as the account remembers, or as the phone itself is set. */
  const elder = ref(recall<boolean>('elder') ?? prefersLargeText())
  const verified = computed(() => Boolean(me.value?.person))
  const lent = ref(recall<Lent>('walk') ?? null)
  /** Logins as a test person: what was asked under one is never asked again under another. */
  const borrowed = new Set(lent.value ? [token.value] : [])
  let renewing: Promise<boolean> | null = null

  function settle(login: LoginOut): void {
    token.value = login.token
    me.value = login.me
    letGo()
    if (login.me.elder_mode && !elderWasChosen()) {
      elder.value = true
      // A browser that is opened again is still logged in, and does not ask who it is.
      keep('elder', true)
    }
    keep('token', login.token)
  }

  function end(): void {
    token.value = ''
    me.value = null
    letGo()
    forget('token')
  }

  /** Become the test person of a walk; whose phone this is is themselves again afterwards. */
  function lend(login: LoginOut): void {
    lent.value = { number: login.me.walk ?? '', own: lent.value ? lent.value.own : token.value }
    keep('walk', lent.value)
    borrowed.add(login.token)
    settle(login)
    startOver()
  }

  /** Pages of the test person are left behind: nothing begun on one goes on under the owner's name. */
  async function giveBack(): Promise<void> {
    const own = lent.value?.own ?? ''
    if (!lent.value) return
    end()
    lent.value = null
    forget('walk')
    if (own) keep('token', (token.value = own))
    else await loginSilently()
    startOver()
  }

  async function leaveWalk(): Promise<void> {
    await request('POST /logout').catch(() => undefined)
    await giveBack()
  }

  async function loginSilently(): Promise<boolean> {
    if (!logsInSilently()) return false
    try {
      settle(await requestBeforeLogin('POST /login/wechat', { body: { code: await loginCode() } }))
      return true
    } catch {
      return false
    }
  }

  /** One renewal at a time, and none when somebody else has already brought a newer token. */
  function renew(stale: string): Promise<boolean> {
    if (borrowed.has(stale)) {
      if (lent.value) say(t('common.walk.over'))
      return giveBack().then(() => false)
    }
    if (token.value && token.value !== stale) return Promise.resolve(lent.value === null)
    end()
    renewing ??= loginSilently().finally(() => (renewing = null))
    return renewing
  }

  /** Only a page inside a frame asks who is around it; any other place knows at once. */
  async function meetSandbox(): Promise<void> {
    if (!framed()) return
    try {
      const config = await requestBeforeLogin('GET /config', {})
      const phone = await greet(config.sandbox_origin, go)
      if (phone && !languageWasChosen()) await setLocale(phone.locale, false)
    } catch {
      // Without the configuration this is a plain browser; what is asked next will say that the network is down.
    }
  }

  async function start(): Promise<void> {
    await meetSandbox()
    if (!token.value) await loginSilently()
  }

  const ready = start()
  tellClient({ token: () => token.value, renew, ready })

  async function refresh(): Promise<MeOut | null> {
    await ready
    if (!token.value) return null
    const before = me.value
    const fresh = await request('GET /me')
    // A deed that answered meanwhile knows more than a question that was asked before it.
    if (me.value === before) me.value = fresh
    return me.value
  }

  async function logout(): Promise<void> {
    await request('POST /logout').catch(() => undefined)
    end()
  }

  return { token, me, elder, loggedIn, verified, ready, lent, lend, leaveWalk, settle, refresh, renew, logout }
})
