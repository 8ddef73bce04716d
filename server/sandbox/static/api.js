// Talking to the sandbox: JSON calls, and news by stream or, where no stream gets through, by polling.

async function call(method, path, body) {
  const reply = await fetch(path, {
    method,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const content = reply.status === 204 ? null : await reply.json()
  return { status: reply.status, ok: reply.ok, content }
}

export async function get(path) {
  const { ok, content } = await call('GET', path)
  if (!ok) throw new Error(`${path}: ${content?.error?.code}`)
  return content
}

export async function send(path, body, method = 'POST') {
  const { ok, content } = await call(method, path, body)
  if (!ok) throw new Error(`${path}: ${content?.error?.code}`)
  return content
}

// For answers whose refusal is part of the protocol: {status, ok, content}.
export const ask = (path, body) => call('POST', path, body)

export const ofPhone = (key, rest = '') => `/_sandbox/phones/${encodeURIComponent(key)}${rest}`

const SHORTEST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 30000

// onChange(change) for each piece of news; onState('live' | 'polling' | 'offline', seconds until it asks again).
export class News {
  constructor(onChange, onState) {
    this.onChange = onChange
    this.onState = onState
    this.since = null
    this.wait = SHORTEST_WAIT_MS
    this.listen()
  }

  listen() {
    const source = new EventSource('/_sandbox/events' + (this.since ? `?since=${this.since}` : ''))
    source.addEventListener('hello', (event) => {
      this.since = event.lastEventId
      this.wait = SHORTEST_WAIT_MS
      this.onState('live')
    })
    source.addEventListener('change', (event) => {
      this.since = event.lastEventId
      this.onChange(JSON.parse(event.data))
    })
    source.onerror = () => {
      // The browser would ask every three seconds for ever; polling knows when to leave a dead server alone.
      source.close()
      this.poll()
    }
  }

  async poll() {
    for (let good = 0, lost = false; good < 20 && !(lost && good); ) {
      try {
        const news = await get(`/_sandbox/changes?wait=15${this.since ? `&since=${this.since}` : ''}`)
        this.since = news.latest
        this.wait = SHORTEST_WAIT_MS
        this.onState('polling')
        news.changes.forEach(this.onChange)
        good += 1
      } catch {
        lost = true
        this.onState('offline', Math.round(this.wait / 1000))
        await this.rest()
      }
    }
    this.listen()
  }
  // Twice as long each time, half a minute at most; whoever comes back to the page need not wait for it.
  rest() {
    const wait = this.wait
    this.wait = Math.min(wait * 2, LONGEST_WAIT_MS)
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        removeEventListener('online', done)
        removeEventListener('focus', done)
        resolve()
      }
      const timer = setTimeout(done, wait)
      addEventListener('online', done)
      addEventListener('focus', done)
    })
  }
}
