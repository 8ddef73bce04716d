/**
 * What an answer must be, as the server checks it (`cases/service/_kinds.py`): who makes a slip is told before sending.
 * `tests/vectors/answers.json` holds both sides to the same rules.
 */
import type { Column, FormField } from '@/api/schema'
import { today } from '@/dates'

export interface Fault {
  /** Where within the answer: `0.name` in a table, `name` of a person, nothing for a plain one. */
  path: string
  code: 'after_today' | 'bad_format' | 'before_today' | 'missing' | 'too_long' | 'too_many' | 'unknown_field'
}
export type Row = Record<string, string>

const LENGTH = 200
const STRUCTURED_LENGTH = 8000
const ROWS = 20
const PERSON: Pick<Column, 'key' | 'type' | 'required'>[] = [
  { key: 'name', type: 'name', required: true },
  { key: 'number', type: 'document_number', required: true },
  { key: 'phone', type: 'phone', required: false },
]
// Control signs (a break and a tab may stand), halves of signs, private ones, and what turns the direction of reading.
 
const UNSEEN = /[\u0000-\u0008\u000b-\u000c\u000e-\u001f\u007f-\u009f\ue000-\uf8ff\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?:^|[^\ud800-\udbff])[\udc00-\udfff]/
const PROVINCES = /^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])/
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'

const bare = (typed: string): string => typed.normalize('NFKC').replace(/\s+/g, '').toUpperCase()
const sum = (signs: string, worth: (sign: string) => number, weights: number[]): number => weights.reduce((total, weight, at) => total + worth(signs[at] ?? '') * weight, 0)

function realDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text) ?? []
  if (!year || !month || !day || year === '0000') return false
  const made = new Date(`${year}-${month}-${day}T00:00:00Z`)
  return !Number.isNaN(made.getTime()) && made.toISOString().slice(0, 10) === `${year}-${month}-${day}`
}

function residentId(number: string): boolean {
  if (!/^[1-8]\d{16}[\dX]$/.test(number) || !PROVINCES.test(number)) return false
  const born = number.slice(6, 14)
  if (!realDay(born) || born < '19000101' || born > today().replace(/-/g, '')) return false
  return number[17] === '10X98765432'[sum(number, Number, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11]
}

function creditCode(code: string): boolean {
  if (!new RegExp(`^[${ALPHABET}]{2}\\d{6}[${ALPHABET}]{10}$`).test(code)) return false
  const organisation = '0123456789X0'[11 - (sum(code.slice(8, 16), (sign) => parseInt(sign, 36), [3, 7, 9, 10, 5, 8, 4, 2]) % 11)]
  const powers = Array.from({ length: 17 }, (_, at) => Array.from({ length: at }).reduce((power: number) => (power * 3) % 31, 1))
  const whole = ALPHABET[(31 - (sum(code, (sign) => ALPHABET.indexOf(sign), powers) % 31)) % 31]
  return code[16] === organisation && code[17] === whole
}

function document(typed: string): boolean {
  const number = bare(typed)
  return residentId(number) || creditCode(number) || /^[HM]\d{8}(\d{2})?$/.test(number) || /^\d{8}(\d{2}(\(?[A-Z]\)?)?)?$/.test(number) || /^(?=.*\d)[A-Z0-9]{5,9}$/.test(number)
}

const line = (answer: string): boolean => !UNSEEN.test(answer) && !/[\n\r]/.test(answer)

const RIGHT: Record<string, (answer: string, choices: { value: string }[]) => boolean> = {
  text: line,
  name: line,
  address: line,
  long_text: (answer) => !UNSEEN.test(answer),
  number: (answer) => /^-?\d{1,15}(\.\d{1,6})?$/.test(answer.normalize('NFKC').replace(/,/g, '')),
  date: (answer) => /^(\d{4}-\d{2}-\d{2}|\d{8})$/.test(answer) && realDay(answer),
  choice: (answer, choices) => choices.some((choice) => choice.value === answer),
  phone: (answer) => /^(\+?86|0086)?1[3-9]\d{9}$/.test(bare(answer).replace(/-/g, '')) || /^0\d{2,3}-?\d{7,8}$/.test(answer),
  document_number: document,
}

const NOTHING: Fault[] = [{ path: '', code: 'missing' }]

export const structured = (field: Pick<FormField, 'type'>): boolean => field.type === 'person' || field.type === 'table'

/** On which side of today a day may not be and is. */
function beyond(field: Partial<Pick<FormField, 'not_before' | 'not_after'>>, day: string): Fault['code'] | null {
  const now = today().replace(/-/g, '')
  if (field.not_after && day > now) return 'after_today'
  return field.not_before && day < now ? 'before_today' : null
}

function plain(field: Pick<FormField | Column, 'type'> & Partial<Pick<FormField, 'max_length' | 'choices' | 'not_before' | 'not_after'>>, answer: string): Fault['code'] | null {
  if ([...answer].length > (field.max_length ?? LENGTH)) return 'too_long'
  if (!RIGHT[field.type]?.(answer, field.choices ?? [])) return 'bad_format'
  return field.type === 'date' ? beyond(field, answer.replace(/-/g, '')) : null
}

/** The rows of a table, the one row of a person; null where it is not one. */
export function rowsOf(field: Pick<FormField, 'type'>, answer: string): Row[] | null {
  if (!answer) return []
  try {
    const read: unknown = JSON.parse(answer)
    const rows: unknown[] | null = field.type === 'person' ? [read] : Array.isArray(read) ? read : null
    const sound = rows?.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row) && Object.values(row).every((said) => typeof said === 'string'))
    return sound ? (rows as Row[]) : null
  } catch {
    return null
  }
}

export function check(field: FormField, answer: string): Fault[] {
  if (!structured(field)) {
    const code = plain(field, answer)
    return code ? [{ path: '', code }] : []
  }
  if ([...answer].length > STRUCTURED_LENGTH) return [{ path: '', code: 'too_long' }]
  const rows = rowsOf(field, answer)
  if (!rows || (field.type === 'person' && rows.length === 0)) return [{ path: '', code: 'bad_format' }]
  if (rows.length > (field.rows ?? ROWS)) return [{ path: '', code: 'too_many' }]
  return rows.flatMap((row, at) => {
    const columns: (Pick<Column, 'key' | 'type' | 'required'> & Partial<Column>)[] = field.type === 'person' ? PERSON : (field.columns ?? [])
    const before = field.type === 'table' ? `${at}.` : ''
    const unknown = Object.keys(row).filter((key) => !columns.some((column) => column.key === key))
    return [
      ...unknown.map((key): Fault => ({ path: before + key, code: 'unknown_field' })),
      ...columns.flatMap((column): Fault[] => {
        const said = (row[column.key] ?? '').trim()
        const code = said ? plain(column, said) : column.required ? 'missing' : null
        return code ? [{ path: before + column.key, code }] : []
      }),
    ]
  })
}

/** Everything wrong with a form, by the path the server names it with. Questions left open count when it is handed in. */
export function formFaults(fields: FormField[], form: Record<string, string>, finished: boolean): Record<string, Fault['code']> {
  const found = fields.flatMap((field) => {
    const answer = (form[field.key] ?? '').trim()
    const faults = answer && answer !== '[]' ? check(field, answer) : field.required ? NOTHING : []
    return faults.map((fault): [string, Fault['code']] => [`form.${field.key}${fault.path && `.${fault.path}`}`, fault.code])
  })
  return Object.fromEntries(found.filter(([, code]) => finished || code !== 'missing'))
}
