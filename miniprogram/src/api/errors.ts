/** What went wrong, in words the server or the locale wrote. */

export interface WrongField {
  path: string
  code: string
  text: string
}

interface Details {
  code: string
  text: string
  status?: number
  fields?: WrongField[]
  requestId?: string
  retryAfter?: number
  page?: string | undefined
}

export class AppError extends Error {
  readonly code: string
  readonly text: string
  /** 0 when no answer came at all. */
  readonly status: number
  readonly fields: WrongField[]
  readonly requestId: string
  readonly retryAfter: number | null
  /** The page on which one goes on instead, with its ids; empty when the server names none. */
  readonly page: string

  constructor(details: Details) {
    super(details.code)
    this.code = details.code
    this.text = details.text
    this.status = details.status ?? 0
    this.fields = details.fields ?? []
    this.requestId = details.requestId ?? ''
    this.retryAfter = details.retryAfter ?? null
    this.page = details.page ?? ''
  }

  /** The words beside one field of a form. */
  field(path: string): string {
    return this.fields.find((field) => field.path === path)?.text ?? ''
  }
}

/** Whether the server may or may not have done it: nothing came back, or something between us broke. */
export function leavesDoubt(problem: unknown): boolean {
  if (!(problem instanceof AppError)) return true
  return problem.status === 0 || problem.status >= 500 || problem.code === 'idempotency_in_progress'
}
