/** An upload on a bad network: cut, gone on with, given up, refused. */
import { beforeEach, expect, test, vi } from 'vitest'
import { asked, serve } from './phone'

const SIZE = 600
const PART = 256

/** A server that holds `received` bytes and fails as it is told. */
function server(fails: (asked: string, count: number) => object | null) {
  const held = { received: 0, count: 0 }
  serve((one) => {
    const what = `${one.method} ${one.url.replace(/^.*\/api\/v1/, '')}`
    const failure = fails(what, ++held.count)
    if (failure) return failure
    const part = /parts\/(\d+)$/.exec(what)
    if (part && Number(part[1]) === held.received) held.received += (one.data as ArrayBuffer).byteLength
    if (what.endsWith('/finish')) return { status: 201, body: { id: 'f', name: 'a.pdf' } }
    return { status: 200, body: { id: 'u', size: SIZE, received: held.received, part: PART } }
  })
  return held
}

async function begin(percent: (done: number) => void = () => undefined) {
  await (await import('@/i18n')).textsReady()
  const { useUpload } = await import('@/api/upload')
  const bytes = new Uint8Array(SIZE)
  const blob = { slice: (from: number, to: number) => ({ arrayBuffer: async () => bytes.slice(from, to).buffer }) } as unknown as Blob
  return useUpload({ path: 'p', name: 'a.pdf', size: SIZE, blob }, percent)
}

const sent = () => asked.map((one) => `${one.method} ${one.url.replace(/^.*\/api\/v1/, '')}`)

const soon = setTimeout

/** Pauses take no time here. */
beforeEach(() => {
  vi.stubGlobal('setTimeout', (deed: () => void) => soon(deed, 0))
})

test('the parts go one after the other, and the way is shown', async () => {
  server(() => null)
  const shown: number[] = []
  const upload = await begin((done) => shown.push(done))
  expect(await upload.run()).toMatchObject({ id: 'f' })
  expect(sent().filter((one) => one.includes('/parts/'))).toEqual(['PUT /uploads/u/parts/0', 'PUT /uploads/u/parts/256', 'PUT /uploads/u/parts/512'])
  expect(shown).toEqual([0, 42, 85, 100])
})

test('what broke off goes on where it was, after a while by itself', async () => {
  const held = server((what, count) => (what.includes('/parts/256') && count < 6 ? { fail: 'request:fail' } : null))
  const upload = await begin()
  expect(await upload.run()).toMatchObject({ id: 'f' })
  expect(held.received).toBe(SIZE)
})

test('after a long silence the person goes on, and nothing is sent twice', async () => {
  let away = true
  server((what) => (away && what.includes('/parts/256') ? { fail: 'request:fail' } : null))
  const upload = await begin()
  await expect(upload.run()).rejects.toMatchObject({ code: 'offline' })
  away = false
  const before = sent().length
  expect(await upload.run()).toMatchObject({ id: 'f' })
  expect(sent().slice(before)).toEqual(['GET /uploads/u', 'PUT /uploads/u/parts/256', 'PUT /uploads/u/parts/512', 'POST /uploads/u/finish'])
})

test('a file that is refused is not gone on with, one that waits for the antivirus is', async () => {
  const answers = [{ status: 503, body: { code: 'documents.antivirus_unavailable' } }, { status: 422, body: { code: 'documents.infected' } }]
  server((what) => (what.endsWith('/finish') ? (answers.shift() ?? null) : null))
  const upload = await begin()
  await expect(upload.run()).rejects.toMatchObject({ code: 'documents.infected' })
  expect(sent().filter((one) => one === 'POST /uploads')).toHaveLength(1)
  await upload.run()
  expect(sent().filter((one) => one === 'POST /uploads')).toHaveLength(2)
})

test('what is given up stops, and the server forgets it', async () => {
  const upload = await begin((done) => done > 0 && upload.cancel())
  server(() => null)
  expect(await upload.run()).toBeNull()
  await vi.waitFor(() => expect(sent()).toContain('DELETE /uploads/u'))
  expect(sent()).not.toContain('POST /uploads/u/finish')
})
