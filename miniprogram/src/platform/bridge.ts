/**
 * The way from a sandbox phone's frame to the pretended WeChat around it. Only the H5 build has it, and only the origin
 * which the server names (`sandbox_origin` of its configuration, none in production) is spoken to and listened to.
 */

export interface SandboxPhone {
  phone: string
  name: string
  locale: 'zh-CN' | 'en'
}

interface Answer {
  onetrip: 1
  id?: number
  ok?: boolean
  result?: unknown
  errMsg?: string
  event?: string
  path?: string
}

const HELLO_PATIENCE = 800
const waiting = new Map<number, (answer: Answer) => void>()
let origin: string | null = null
let last = 0
let phone: SandboxPhone | null = null
let opened: (path: string) => void = () => undefined

export const sandboxPhone = (): SandboxPhone | null => phone

export function framed(): boolean {
  let inFrame = false
  // #ifdef H5
  inFrame = window.parent !== window
  // #endif
  return inFrame
}

function hear(event: MessageEvent<Answer | undefined>): void {
  const answer = event.data
  if (event.origin !== origin || answer?.onetrip !== 1) return
  if (answer.event === 'navigate' && typeof answer.path === 'string') return opened(answer.path)
  if (answer.id === undefined) return
  waiting.get(answer.id)?.(answer)
  waiting.delete(answer.id)
}

function listen(on: boolean): void {
  // #ifdef H5
  if (on) window.addEventListener('message', hear)
  else window.removeEventListener('message', hear)
  // #endif
}

/** Ask the frame around. Rejects with the frame's own words, as WeChat's calls fail with an `errMsg`. */
export function ask<T>(call: string, args: object = {}, patience?: number): Promise<T> {
  const id = ++last
  return new Promise<T>((resolve, reject) => {
    if (origin === null) return reject(new Error('no sandbox'))
    waiting.set(id, (answer) => {
      if (answer.ok) resolve(answer.result as T)
      else reject(new Error(answer.errMsg ?? `${call}:fail`))
    })
    // #ifdef H5
    window.parent.postMessage({ onetrip: 1, id, call, args }, origin)
    // #endif
    if (patience === undefined) return
    setTimeout(() => {
      if (waiting.delete(id)) reject(new Error(`${call}:fail timeout`))
    }, patience)
  })
}

/** Say something the frame may like to know and need not answer. */
export function tell(call: string, args: object = {}): void {
  if (phone) ask(call, args, 5000).catch(() => undefined)
}

/** Find out whether a sandbox is around. `sandboxOrigin` comes from the server's configuration. */
export async function greet(sandboxOrigin: string | null, onNavigate: (path: string) => void): Promise<SandboxPhone | null> {
  if (!framed() || sandboxOrigin === null) return null
  origin = sandboxOrigin
  opened = onNavigate
  listen(true)
  try {
    phone = await ask<SandboxPhone>('hello', {}, HELLO_PATIENCE)
  } catch {
    // A frame that does not answer is just a page around us.
    origin = null
    listen(false)
  }
  return phone
}
