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

// onChange(change) for each piece of news; onState('live' | 'polling' | 'offline').
export class News {
  constructor(onChange, onState) {
    this.onChange = onChange
    this.onState = onState
    this.since = null
    this.failures = 0
    this.listen()
  }

  listen() {
    const source = new EventSource('/_sandbox/events' + (this.since ? `?since=${this.since}` : ''))
    source.addEventListener('hello', (event) => {
      this.since = event.lastEventId
      this.failures = 0
      this.onState('live')
    })
    source.addEventListener('change', (event) => {
      this.since = event.lastEventId
      this.onChange(JSON.parse(event.data))
    })
    source.onerror = () => {
      this.failures += 1
      this.onState('offline')
      if (this.failures < 3 && source.readyState !== EventSource.CLOSED) return
      source.close()
      this.poll()
    }
  }

  async poll() {
    for (let good = 0; good < 20; ) {
      try {
        const news = await get(`/_sandbox/changes?wait=15${this.since ? `&since=${this.since}` : ''}`)
        this.since = news.latest
        this.onState('polling')
        news.changes.forEach(this.onChange)
        good += 1
      } catch {
        this.onState('offline')
        await new Promise((resolve) => setTimeout(resolve, 2000))
      }
    }
    this.failures = 0
    this.listen()
  }
}
