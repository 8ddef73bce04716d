import { beforeEach, expect, test, vi } from 'vitest'
import { asked, serve } from './phone'

const rule = (key: string, when: object | null = null) => ({ key, name: key, need: 'required', exempt: null, when })
const question = (key: string, when: object | null = null) => ({ key, label: key, type: 'text', required: true, when })
const matter = {
  id: 'case-1',
  version: 1,
  ask: [],
  form: { name: 'Wang' },
  prefilled: ['name'],
  delivery: null,
  delivery_methods: ['counter'],
  content: { form: [question('name'), question('kind'), question('detail', { field: 'kind', equals: 'other' })], materials: [rule('photo'), rule('proof', { field: 'kind', equals: 'other' })] },
  materials: [{ key: 'photo', name: 'photo', need: 'required', exempt: null, source: null, files: [], refused_reason: null }],
}
const file = (id: string) => ({ id, name: id, media_type: 'image/jpeg', size: 1, url: '', thumb_url: null, width: null, height: null, created_at: '' })

async function application() {
  await (await import('@/i18n')).textsReady()
  const mine = (await import('@/features/cases/application')).useApplication()
  mine.open(matter as never)
  return mine
}

const saves = () => asked.filter((one) => one.url.endsWith('/draft')).map((one) => one.data)

beforeEach(() => {
  vi.useFakeTimers()
  let version = 1
  serve(({ data, url }) => (url.endsWith('/draft') ? { body: { ...matter, form: (data as typeof matter).form, version: ++version } } : { body: { ...matter, thread_id: 't1' } }))
  return () => vi.useRealTimers()
})

test('what is typed is saved when the fingers rest, once', async () => {
  const { answer, saved } = await application()
  answer('kind', 'a')
  answer('kind', 'ab')
  expect(saved.value).toBe('unsaved')
  await vi.advanceTimersByTimeAsync(1600)
  expect(saves()).toEqual([{ form: { name: 'Wang', kind: 'ab' }, materials: [], references: [], pledges: [], version: 1 }])
  expect(saved.value).toBe('saved')
})

test('what is typed while saving is saved with the next version', async () => {
  const { answer, form } = await application()
  answer('kind', 'a')
  await vi.advanceTimersByTimeAsync(1600)
  answer('kind', 'b')
  await vi.advanceTimersByTimeAsync(1600)
  expect(saves().map((one) => [(one as typeof matter).form, (one as typeof matter).version])).toEqual([[{ name: 'Wang', kind: 'a' }, 1], [{ name: 'Wang', kind: 'b' }, 2]])
  expect(form.value.kind).toBe('b')
})

test('a question that another answer brings up appears with it, and goes with it', async () => {
  const { answer, fields, papers, keepNow } = await application()
  expect(fields.value.map((one) => one.key)).toEqual(['name', 'kind'])
  answer('kind', 'other')
  expect(fields.value.map((one) => one.key)).toEqual(['name', 'kind', 'detail'])
  expect(papers.value.map((one) => one.key)).toEqual(['photo', 'proof'])
  answer('detail', 'x')
  answer('kind', 'plain')
  await keepNow()
  expect(saves()).toEqual([{ form: { name: 'Wang', kind: 'plain' }, materials: [], references: [], pledges: [], version: 1 }])
})

test('a lost connection keeps trying and loses nothing', async () => {
  const { answer, saved } = await application()
  serve(() => ({ fail: 'request:fail' }))
  answer('kind', 'a')
  await vi.advanceTimersByTimeAsync(1600)
  expect(saved.value).toBe('unsaved')
  serve(() => ({ body: { ...matter, version: 2 } }))
  await vi.advanceTimersByTimeAsync(1600)
  expect(saved.value).toBe('saved')
})

const newer = { ...matter, version: 7, form: { name: 'Wang', kind: 'theirs' }, saved_at: '2026-11-20T09:00:00+08:00', saved_by: 'L*' }
const contended = (): void =>
  serve(({ data, url }) => {
    if (!url.endsWith('/draft')) return { body: newer }
    return (data as typeof matter).version === 7 ? { body: { ...newer, form: (data as typeof matter).form, version: 8 } } : { status: 409, body: { code: 'cases.newer_elsewhere', detail: 'x' } }
  })

test('another device that was newer stops the saving, and says what it holds', async () => {
  const { answer, saved, theirs, form } = await application()
  contended()
  answer('kind', 'mine')
  await vi.advanceTimersByTimeAsync(5000)
  expect(saved.value).toBe('newer_elsewhere')
  expect(saves()).toHaveLength(1)
  expect(theirs.value?.saved_by).toBe('L*')
  const { differences } = await import('@/features/cases/answers')
  expect(differences(theirs.value as never, form.value, {})).toEqual([{ key: 'kind', label: 'kind', here: 'mine', there: 'theirs' }])
})

test('whoever chooses what is here saves it over what they have seen', async () => {
  const { answer, saved, theirs, takeHere } = await application()
  contended()
  answer('kind', 'mine')
  await vi.advanceTimersByTimeAsync(1600)
  await takeHere()
  expect([saved.value, theirs.value]).toEqual(['saved', null])
  expect(saves().at(-1)).toEqual({ form: { name: 'Wang', kind: 'mine' }, materials: [], references: [], pledges: [], version: 7 })
})

test('whoever chooses what is there goes on with it', async () => {
  const { answer, saved, theirs, form, takeThere, keepNow } = await application()
  contended()
  answer('kind', 'mine')
  await vi.advanceTimersByTimeAsync(1600)
  takeThere()
  expect([saved.value, theirs.value, form.value.kind]).toEqual(['saved', null, 'theirs'])
  answer('kind', 'both')
  await keepNow()
  expect((saves().at(-1) as typeof matter).version).toBe(7)
})

test('handing in over a newer version asks as well', async () => {
  const { answer, submit, theirs } = await application()
  answer('kind', 'a')
  serve(({ url }) => (url.endsWith('/submit') ? { status: 409, body: { code: 'cases.newer_elsewhere', detail: 'x' } } : { body: newer }))
  expect(await submit({ method: 'counter', hall_id: null })).toBeNull()
  expect(theirs.value?.version).toBe(7)
})

test('what was handed in elsewhere is not saved into any more', async () => {
  const { answer, over, saved } = await application()
  serve(() => ({ status: 409, body: { code: 'cases.wrong_state', detail: 'x' } }))
  answer('kind', 'mine')
  await vi.advanceTimersByTimeAsync(20_000)
  expect(over.value).toBe(true)
  expect(asked).toHaveLength(1)
  expect(saved.value).toBe('unsaved')
})

test('it is put away only once it is saved', async () => {
  const { answer, leave, matter: shown } = await application()
  serve(() => ({ fail: 'request:fail' }))
  answer('kind', 'a')
  expect(await leave()).toBe(false)
  expect(shown.value).not.toBeNull()
  serve(() => ({ body: { ...matter, version: 2 } }))
  expect(await leave()).toBe(true)
  expect(shown.value).toBeNull()
})

test('a report is made of what has been saved', async () => {
  const { answer, report, form } = await application()
  serve(({ data, url }) => ({ body: { ...matter, form: { ...(data as typeof matter).form, name: 'Li', kind: 'a' }, version: url.endsWith('/report') ? 3 : 2 } }))
  answer('kind', 'a')
  await report('name', 'Li', 'misspelt')
  expect(asked.map((one) => one.url.split('/').pop())).toEqual(['draft', 'report'])
  expect(asked.at(-1)?.data).toEqual({ key: 'name', right: 'Li', words: 'misspelt', version: 2 })
  expect(form.value.name).toBe('Li')
})

test('files go along, and one taken out does not', async () => {
  const { add, remove, keepNow } = await application()
  add('photo', file('f1'))
  add('photo', file('f2'))
  remove('photo', file('f1'))
  await keepNow()
  expect(saves()).toEqual([{ form: { name: 'Wang' }, materials: [{ key: 'photo', file_id: 'f2' }], references: [], pledges: [], version: 1 }])
})

test('wrong fields are shown until they are changed', async () => {
  const { submit, problems, answer } = await application()
  answer('kind', 'b')
  serve(() => ({ status: 422, body: { code: 'invalid_input', fields: [{ path: 'form.kind', code: 'bad_format', text: 'Another' }, { path: 'materials.photo', code: 'missing', text: 'Add it' }] } }))
  expect(await submit({ method: 'counter', hall_id: null })).toBeNull()
  expect(problems.value).toEqual({ 'form.kind': 'Another', 'materials.photo': 'Add it' })
  answer('kind', 'a')
  expect(problems.value).toEqual({ 'materials.photo': 'Add it' })
})

test('a slip and a question left open are told before anything is sent', async () => {
  const { submit, slips, problems, answer } = await application()
  answer('name', 'two\nlines')
  expect(slips()).toBe(true)
  expect(Object.keys(problems.value)).toEqual(['form.name'])
  expect(await submit({ method: 'counter', hall_id: null })).toBeNull()
  expect(Object.keys(problems.value)).toEqual(['form.name', 'form.kind'])
  expect(asked.filter((one) => one.url.endsWith('/submit'))).toEqual([])
})

test('handing in sends everything once', async () => {
  const { submit, answer } = await application()
  answer('kind', 'a')
  const [first, second] = await Promise.all([submit({ method: 'counter', hall_id: 'h1' }), submit({ method: 'counter', hall_id: 'h1' })])
  expect(first).toMatchObject({ thread_id: 't1' })
  expect(second).toBe(first)
  expect(asked.filter((one) => one.url.endsWith('/submit')).map((one) => one.data)).toEqual([
    { form: { name: 'Wang', kind: 'a' }, materials: [], references: [], pledges: [], version: 1, delivery: { method: 'counter', hall_id: 'h1' }, subscriptions: null },
  ])
})

test('handing in waits for what is being saved, and is not taken for another device', async () => {
  const { answer, keepNow, submit } = await application()
  answer('kind', 'a')
  void keepNow()
  const done = submit({ method: 'counter', hall_id: null, together: true, address_id: null })
  await vi.advanceTimersByTimeAsync(10)
  expect(await done).not.toBeNull()
  const told = asked.filter((one) => /draft|submit/.test(one.url)).map((one) => [one.url.split('/').pop(), (one.data as typeof matter).version])
  expect(told).toEqual([['draft', 1], ['submit', 2]])
})

test('a pledge stands for a paper until the paper itself is there', async () => {
  const { answer, promise, add, promised, complete, keepNow } = await application()
  answer('kind', 'a')
  expect(complete.value[1]).toBe(false)
  promise('photo', true)
  expect(complete.value[1]).toBe(true)
  await keepNow()
  expect(saves().at(-1)).toEqual({ form: { name: 'Wang', kind: 'a' }, materials: [], references: [], pledges: ['photo'], version: 1 })
  add('photo', file('f1'))
  expect(promised.value).toEqual([])
})

test('an approval is named by name and number until a file is there', async () => {
  const { answer, name, add, named, complete, keepNow } = await application()
  answer('kind', 'a')
  name('photo', { name: '批复', number: '' })
  expect(complete.value[1]).toBe(false)
  name('photo', { name: '批复', number: '颍审〔2026〕12号' })
  expect(complete.value[1]).toBe(true)
  await keepNow()
  expect(saves().at(-1)).toMatchObject({ references: [{ key: 'photo', name: '批复', number: '颍审〔2026〕12号' }], materials: [] })
  add('photo', file('f1'))
  expect(named.value).toEqual({})
})
