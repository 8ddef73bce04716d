/** The ticket, and how the queue moves while one looks at it. */
import { ref, type Ref } from 'vue'
import { request } from '@/api/client'
import { AppError } from '@/api/errors'
import type { ArrivalOut, TicketOut } from '@/api/schema'
import { now } from '@/dates'
import { buzz } from '@/platform/device'

const WAIT = 25
const PAUSES = [2_000, 5_000, 10_000]
const OVER = ['done', 'abandoned']
// The server was reached and has no such ticket for whoever asks: asking again would not help.
const isOver = (problem: unknown): boolean => problem instanceof AppError && [401, 403, 404, 410].includes(problem.status)

/** One's own ticket by its id, or the place behind a printed QR by its code, which needs no login. */
export interface Which {
  id?: string
  code?: string
}

export const ticket = (which: Which): Promise<TicketOut> => ask(which)
export const arrival = (token: string): Promise<ArrivalOut> => request('GET /arrivals/{token}', { params: { token } })

function ask({ id = '', code }: Which, version?: number): Promise<TicketOut> {
  const query = version === undefined ? undefined : { version, wait: WAIT }
  const options = version === undefined ? {} : { timeout: (WAIT + 10) * 1000, quiet: true }
  if (code) return request('GET /places/{token}', { params: { token: code }, query }, options)
  return request('GET /tickets/{ticket_id}', { params: { ticket_id: id }, query }, options)
}

interface Following {
  /** Since when nothing gets through; 0 while all is well. */
  cutSince: Ref<number>
  start(): void
  stop(): void
}

/**
 * Asks with the version it has seen; the answer comes when there is another one, or after a while without. Coming back
 * from sleep begins anew, and what a bad network loses is asked for again. `lost` is told when there is nothing to follow.
 */
export function follow(which: () => Which, known: () => TicketOut | null, changed: (ticket: TicketOut) => void, lost: () => void): Following {
  const cutSince = ref(0)
  let turn = 0

  async function next(version: number, mine: number): Promise<void> {
    const fresh = await ask(which(), version)
    if (mine !== turn) return
    cutSince.value = 0
    const before = known()
    if (fresh.version !== before?.version) changed(fresh)
    if (fresh.state === 'called' && before?.state !== 'called') buzz()
  }

  async function loop(mine: number): Promise<void> {
    let failed = 0
    while (mine === turn) {
      const seen = known()
      if (seen && OVER.includes(seen.state)) return
      try {
        if (seen) await next(seen.version, mine)
        else await pause(500)
        failed = 0
      } catch (problem) {
        if (mine !== turn) return
        if (isOver(problem)) return lost()
        cutSince.value ||= now()
        await pause(PAUSES[Math.min(failed++, PAUSES.length - 1)] ?? WAIT)
      }
    }
  }

  return { cutSince, start: () => void loop(++turn), stop: () => void turn++ }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
