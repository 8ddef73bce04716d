import { expect, test } from 'vitest'
import read from '../vectors/answers.json'
import './phone'

interface Vector {
  field: { key: string; type: string }
  answer: string
  faults: Record<string, string>
}
const rules = (): Promise<typeof import('@/features/cases/rules')> => import('@/features/cases/rules')
const vectors = read as unknown as Vector[]

test.each(vectors.map((one): [string, Vector] => [`${one.field.type} ${one.answer.slice(0, 20)}`, one]))('%s', async (_, { field, answer, faults }) => {
  const { check } = await rules()
  expect(Object.fromEntries(check(field as never, answer.trim()).map((fault) => [fault.path, fault.code]))).toEqual(faults)
})

test('while it is being written only slips are told, at the end what is missing as well', async () => {
  const { formFaults } = await rules()
  const fields = [
    { key: 'born', type: 'date', required: true, choices: [] },
    { key: 'name', type: 'name', required: true, choices: [] },
    { key: 'who', type: 'person', required: true, choices: [] },
  ] as never
  const form = { born: '2026-02-30', who: '{"name":"甲"}' }
  expect(formFaults(fields, form, false)).toEqual({ 'form.born': 'bad_format' })
  expect(formFaults(fields, form, true)).toEqual({ 'form.born': 'bad_format', 'form.name': 'missing', 'form.who.number': 'missing' })
})

test('what is no table is no rows', async () => {
  const { rowsOf } = await rules()
  expect(rowsOf({ type: 'table' }, '{"a":"b"}')).toBeNull()
  expect(rowsOf({ type: 'table' }, '')).toEqual([])
  expect(rowsOf({ type: 'person' }, '{"a":"b"}')).toEqual([{ a: 'b' }])
})
