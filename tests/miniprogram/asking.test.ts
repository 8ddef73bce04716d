/** From every page one can write to the office, with what it shows and what went wrong on it. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { went } from './phone'

const SOURCE = join(__dirname, '../../miniprogram/src')
const PAGE = '/features/complaints/pages/new'
const asked = (): URLSearchParams => new URLSearchParams(went.at(-1)?.url.split('?')[1])

test('what a page shows and its title go along', async () => {
  const { ask } = await import('@/asking')
  ask('booking.detail.title', { thread: 't1', name: '身份证 & 换领' })
  expect(went.at(-1)?.url.split('?')[0]).toBe(PAGE)
  expect(Object.fromEntries(asked())).toEqual({ thread: 't1', name: '身份证 & 换领', from: 'booking.detail.title' })
})

test('what went wrong goes along by code and number, never what was typed', async () => {
  const { ask, titleOf } = await import('@/asking')
  const { AppError } = await import('@/api/errors')
  ask('thread.detail', undefined, new AppError({ code: 'unexpected', text: '出错了', requestId: '0193-ab' }))
  expect(Object.fromEntries(asked())).toEqual({ kind: 'erratum', from: 'thread.detail?problem=unexpected&number=0193-ab' })
  expect(titleOf(asked().get('from') ?? '')).toBe('thread.detail')
  // As the server takes it.
  expect(asked().get('from')).toMatch(/^[\w/?&=.:-]*$/)
})

test('only the pages that are that place themselves are silent', () => {
  const pages = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.vue') && readFileSync(join(SOURCE, name), 'utf8').includes('<Screen '))
  const silent = pages.filter((name) => /<Screen [^>]*\bsilent\b/.test(readFileSync(join(SOURCE, name), 'utf8')))
  expect(pages.length).toBeGreaterThan(40)
  expect(silent.filter((name) => !name.startsWith('features/complaints/pages/'))).toEqual([])
})
