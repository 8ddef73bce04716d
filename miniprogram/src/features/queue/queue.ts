/** The ticket, and how the queue moves while one looks at it. */
import { request } from '@/api/client'
import type { TicketOut } from '@/api/schema'
import { buzz } from '@/platform/device'

const WAIT = 25
const PAUSE_AFTER_TROUBLE = 5_000
const OVER = ['done', 'abandoned', 'transferred']

export const ticket = (id: string): Promise<TicketOut> => request('GET /tickets/{ticket_id}', { params: { ticket_id: id } })

interface Following {
  start(): void
  stop(): void
}

/** Asks with the version it knows; the answer comes when there is a newer one, or after a while without. */
export function follow(id: () => string, known: () => TicketOut | null, changed: (ticket: TicketOut) => void): Following {
  let turn = 0

  async function next(version: number): Promise<void> {
    const fresh = await request('GET /tickets/{ticket_id}', { params: { ticket_id: id() }, query: { version, wait: WAIT } }, { timeout: (WAIT + 10) * 1000, quiet: true })
    const before = known()
    if (fresh.version !== before?.version) changed(fresh)
    if (fresh.state === 'called' && before?.state !== 'called') buzz()
  }

  async function loop(mine: number): Promise<void> {
    while (mine === turn) {
      const now = known()
      if (now && OVER.includes(now.state)) return
      try {
        if (now) await next(now.version)
        else await pause(500)
      } catch {
        await pause(PAUSE_AFTER_TROUBLE)
      }
    }
  }

  return { start: () => void loop(++turn), stop: () => void turn++ }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
