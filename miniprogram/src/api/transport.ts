/** The only place that sends bytes. Everything above it knows answers, not requests. */

export interface Sent {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: string
  headers: Record<string, string>
  body?: unknown
  timeout: number
}

export interface Answered {
  status: number
  headers: Record<string, string>
  body: unknown
}

export class NoAnswer extends Error {
  constructor(readonly reason: 'offline' | 'timeout') {
    super(reason)
  }
}

function lowered(headers: Record<string, unknown> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]))
}

const silence = (problem: { errMsg?: string }): NoAnswer => new NoAnswer(/time.?out/i.test(problem.errMsg ?? '') ? 'timeout' : 'offline')

/** Where the server is, as others would write it down. */
export function serverOrigin(): string {
  let origin = import.meta.env.VITE_API_BASE ?? ''
  // #ifdef H5
  origin ||= location.origin
  // #endif
  return origin
}

export function base(): string {
  return `${import.meta.env.VITE_API_BASE ?? ''}/api/v1`
}

export function send(sent: Sent): Promise<Answered> {
  return new Promise((resolve, reject) => {
    uni.request({
      url: sent.url,
      method: sent.method,
      header: sent.headers,
      data: sent.body as UniApp.RequestOptions['data'],
      timeout: sent.timeout,
      success: (answer) => resolve({ status: answer.statusCode, headers: lowered(answer.header), body: answer.data }),
      fail: (problem) => reject(silence(problem as { errMsg?: string })),
    })
  })
}
