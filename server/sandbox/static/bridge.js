// The line between a mini-program in its frame and the phone around it.
//   frame → phone  {onetrip: 1, id, call, args}
//   phone → frame  {onetrip: 1, id, ok: true, result} | {onetrip: 1, id, ok: false, errCode, errMsg}
//   phone → frame  {onetrip: 1, event, …}

export class Failure extends Error {
  constructor(errMsg, errCode = -1) {
    super(errMsg)
    this.errCode = errCode
  }
}

export class Bridge {
  // `calls` maps a name to an async function of args; only the given frame from the given origin is heard.
  constructor(frame, origin, calls) {
    this.frame = frame
    this.origin = origin
    this.calls = calls
    this.hear = (event) => this.onMessage(event)
    window.addEventListener('message', this.hear)
  }

  close() {
    window.removeEventListener('message', this.hear)
  }

  push(event, values = {}) {
    this.frame.contentWindow?.postMessage({ onetrip: 1, event, ...values }, this.origin)
  }

  async onMessage(event) {
    if (event.source !== this.frame.contentWindow || event.origin !== this.origin) return
    const message = event.data
    if (message?.onetrip !== 1 || typeof message.id !== 'number' || typeof message.call !== 'string') return
    const reply = await this.answer(message.call, message.args)
    this.frame.contentWindow?.postMessage({ onetrip: 1, id: message.id, ...reply }, this.origin)
  }

  async answer(name, args) {
    try {
      if (!Object.hasOwn(this.calls, name)) throw new Failure(`${name}:fail not supported`)
      const given = args !== null && typeof args === 'object' ? args : {}
      return { ok: true, result: (await this.calls[name](given)) ?? {} }
    } catch (error) {
      if (error instanceof Failure) return { ok: false, errCode: error.errCode, errMsg: error.message }
      console.error(error)
      return { ok: false, errCode: -1, errMsg: `${name}:fail internal error` }
    }
  }
}
