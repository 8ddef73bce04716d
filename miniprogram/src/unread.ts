/** How many messages wait unread; the tab bar shows it. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { request } from '@/api/client'
import { useSession } from '@/session'

export const useUnread = defineStore('unread', () => {
  const count = ref(0)

  async function refresh(): Promise<void> {
    const session = useSession()
    await session.ready
    if (!session.loggedIn) return void (count.value = 0)
    try {
      count.value = (await request('GET /inbox/unread')).count
    } catch {
      // A number in a corner is not worth an error; the inbox itself says what is wrong.
    }
  }

  return { count, refresh }
})
