/** What must be in order before booking or applying: a login, the consent, a proven name. */
import { go } from '@/platform/navigate'
import { useSession } from '@/session'

const PAGES = { login: '/features/identity/pages/login', consent: '/features/identity/pages/consent', realName: '/features/identity/pages/realname' }

/** True when all is in order; otherwise the first page that mends it is opened, before the person is asked anything else. */
export function passed(): boolean {
  const { loggedIn, me } = useSession()
  // Logged in but not yet known who: the server says what is missing.
  if (loggedIn && (!me || (me.consent && me.person))) return true
  if (!me) go(PAGES.login)
  else if (!me.consent) go(PAGES.consent, { then: me.person ? '' : PAGES.realName })
  else go(PAGES.realName)
  return false
}
