/** One function for every call to the server, typed by the server's own description of itself. */
import { reactive } from 'vue'
import { heardAt } from '@/dates'
import { locale, t } from '@/i18n'
import { AppError, type WrongField } from './errors'
import type { Endpoints } from './schema'
import { base, NoAnswer, send, type Answered } from './transport'

export type Endpoint = keyof Endpoints
export type Reply<K extends Endpoint> = Endpoints[K]['reply']
export type Input<K extends Endpoint> = Omit<Endpoints[K], 'reply'>
type NeedsNothing<K extends Endpoint> = Record<string, never> extends Input<K> ? true : false
export type InputOf<K extends Endpoint> = NeedsNothing<K> extends true ? [input?: Input<K>, options?: Options] : [input: Input<K>, options?: Options]

export interface Options {
  /** Sent with every deed: the same key means the same deed, however often it is sent. */
  key?: string
  timeout?: number
  /** A question that is meant to wait for its answer says nothing about the network. */
  quiet?: boolean
}

interface Session {
  token(): string
  /** Log in again without a word; false where that needs the person. */
  renew(staleToken: string): Promise<boolean>
  /** Resolves when it is known whether somebody is logged in. */
  ready: Promise<unknown>
}

const PATIENCE = 20_000
const SLOW_AFTER = 4_000

let session: Session = { token: () => '', renew: async () => false, ready: Promise.resolve() }
export function useSession(given: Session): void {
  session = given
}

/** What the pages show about the network: a line at the top, never a box in the way. */
export const network = reactive({ online: true, slow: false })

/** A page opened without its id asks for nothing that exists: left empty, the address would be that of the whole list. */
function fill(path: string, params: Record<string, string> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] || '-'))
}

function queryText(query: Record<string, unknown> = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  return pairs.length ? `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}` : ''
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Not a secret, only unlikely to meet another one of the same person: 24 letters from the clock and chance. */
export function freshKey(): string {
  let key = Date.now().toString(36)
  while (key.length < 24) key += ALPHABET[Math.floor(Math.random() * ALPHABET.length)]
  return key
}

function headers(token: string, key?: string): Record<string, string> {
  return {
    Accept: 'application/json',
    'Accept-Language': locale.value,
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
    ...(key ? { 'Idempotency-Key': key } : {}),
  }
}

interface Problem {
  code?: string
  title?: string
  detail?: string
  request_id?: string
  fields?: WrongField[]
  page?: string
}

function refusal(answer: Answered): AppError {
  const problem = (typeof answer.body === 'object' && answer.body !== null ? answer.body : {}) as Problem
  const wait = Number(answer.headers['retry-after'])
  return new AppError({
    code: problem.code ?? 'unreadable',
    text: problem.detail || problem.title || t('common.problem.server'),
    status: answer.status,
    fields: problem.fields ?? [],
    page: problem.page,
    requestId: problem.request_id ?? answer.headers['x-request-id'] ?? '',
    ...(Number.isFinite(wait) ? { retryAfter: wait } : {}),
  })
}

function unanswered(problem: unknown): AppError {
  const reason = problem instanceof NoAnswer ? problem.reason : 'offline'
  return new AppError({ code: reason, text: t(`common.problem.${reason}`) })
}

/** Watches one exchange: marks the network slow while it drags on, and says when it is gone. */
async function attended(exchange: () => Promise<Answered>, quiet = false): Promise<Answered> {
  const timer = quiet ? undefined : setTimeout(() => (network.slow = true), SLOW_AFTER)
  try {
    const answer = await exchange()
    network.online = true
    heardAt(answer.headers.date)
    return answer
  } catch (problem) {
    network.online = !(problem instanceof NoAnswer && problem.reason === 'offline')
    throw unanswered(problem)
  } finally {
    clearTimeout(timer)
    network.slow = false
  }
}

/** Sends; on a 401 renews the login once, silently, and sends again. */
async function withLogin(exchange: (token: string) => Promise<Answered>, quiet = false): Promise<Answered> {
  await session.ready
  const token = session.token()
  const answer = await attended(() => exchange(token), quiet)
  if (answer.status !== 401 || !(await session.renew(token))) return answer
  return attended(() => exchange(session.token()), quiet)
}

function settle<T>(answer: Answered): T {
  if (answer.status >= 200 && answer.status < 300) return answer.body as T
  throw refusal(answer)
}

/** The header that opens one's own files. */
export async function bearer(): Promise<Record<string, string>> {
  await session.ready
  const token = session.token()
  return token ? { Authorization: `Bearer ${token}` } : {}
}

interface AnyInput {
  params?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
}

/** Ask the server. A read that got no answer is asked once more; a deed is repeated by the person, with its key. */
export async function request<K extends Endpoint>(endpoint: K, ...[input, options]: InputOf<K>): Promise<Reply<K>> {
  const [method, path] = (endpoint as string).split(' ') as ['GET' | 'POST' | 'PUT' | 'DELETE', string]
  const { params, query, body } = (input ?? {}) as AnyInput
  const url = base() + fill(path, params) + queryText(query)
  const key = method === 'GET' ? undefined : (options?.key ?? freshKey())
  const once = (): Promise<Answered> =>
    withLogin((token) => send({ method, url, headers: headers(token, key), body, timeout: options?.timeout ?? PATIENCE }), options?.quiet)
  try {
    return settle<Reply<K>>(await once())
  } catch (problem) {
    if (method === 'GET' && problem instanceof AppError && problem.code === 'offline') return settle<Reply<K>>(await once())
    throw problem
  }
}

/** A request that must not wait for the login, because it is part of it. */
export async function requestBeforeLogin<K extends Endpoint>(endpoint: K, input: Input<K>): Promise<Reply<K>> {
  const [method, path] = (endpoint as string).split(' ') as ['GET' | 'POST', string]
  const { body, query } = input as AnyInput
  const sent = { method, url: base() + path + queryText(query), headers: headers(''), body, timeout: PATIENCE }
  return settle<Reply<K>>(await attended(() => send(sent)))
}

export const PART_PATIENCE = 60_000

/** Send one picture whole, with a login or without. */
export async function postBytes<K extends 'POST /ratings/pictures' | 'POST /complaints/pictures'>(endpoint: K, query: Record<string, unknown>, bytes: ArrayBuffer): Promise<Reply<K>> {
  const path = endpoint.slice('POST '.length)
  const answer = await withLogin((token) => send({ method: 'POST', url: base() + path + queryText(query), headers: { ...headers(token), 'Content-Type': 'application/octet-stream' }, body: bytes, timeout: PART_PATIENCE }))
  return settle<Reply<K>>(answer)
}

/** Send bare bytes; the answer says how far the upload is. */
export async function putBytes(path: string, bytes: ArrayBuffer, timeout: number): Promise<Reply<'GET /uploads/{upload_id}'>> {
  const answer = await withLogin((token) => send({ method: 'PUT', url: base() + path, headers: { ...headers(token), 'Content-Type': 'application/octet-stream' }, body: bytes, timeout }))
  return settle<Reply<'GET /uploads/{upload_id}'>>(answer)
}
