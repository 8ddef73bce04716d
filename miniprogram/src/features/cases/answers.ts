/** How answers and papers are put into words: on the review, beside a question, and where two versions differ. */
import type { CaseOut, Column, FileOut, FormField, MaterialOut, Source } from '@/api/schema'
import { dayText } from '@/dates'
import { t } from '@/i18n'
import { formFaults, rowsOf, structured } from './rules'

export interface Slip {
  code: string
  text: string
}

export interface Difference {
  key: string
  label: string
  here: string
  there: string
}

export const KEYBOARDS: Record<string, 'text' | 'digit' | 'tel' | 'idcard'> = { number: 'digit', phone: 'tel', document_number: 'idcard' }

/** What is asked of a person, wherever a guide asks for one. */
export const personColumns = (): Column[] => [
  { key: 'name', label: t('cases.person.name'), type: 'name', required: true, choices: [], max_length: null, not_before: null, not_after: null },
  { key: 'number', label: t('cases.person.number'), type: 'document_number', required: true, choices: [], max_length: null, not_before: null, not_after: null },
  { key: 'phone', label: t('cases.person.phone'), type: 'phone', required: false, choices: [], max_length: null, not_before: null, not_after: null },
]

const labelOf = (choices: { value: string; label: string }[] | undefined, value: string): string => choices?.find((choice) => choice.value === value)?.label ?? value

/** An answer for people to read: the label of a choice, the rows of a table one below the other. */
export function shown(field: FormField, value: string): string {
  if (!structured(field)) return labelOf(field.choices, value)
  const columns = field.type === 'person' ? personColumns() : field.columns
  return (rowsOf(field, value) ?? []).map((row) => columns.map((column) => labelOf(column.choices, row[column.key] ?? '')).filter(Boolean).join(' ')).join('\n')
}

export function sourceText(source: Source | undefined): string {
  if (!source) return ''
  return source.reported ? t('cases.report.reported') : t(`cases.source.${source.kind}`, { name: source.name ?? '' })
}

/** Whether the office has it already, or took it in at a window: nothing is owed on the phone. */
export const onHand = (paper: MaterialOut): boolean => ['certificate', 'earlier_case', 'window'].includes(paper.source ?? '')

/** From which earlier matter a paper is taken over. */
export function earlierText({ earlier }: MaterialOut): string {
  if (!earlier) return ''
  const on = dayText(earlier.on)
  return earlier.number && earlier.item ? t('cases.from_earlier', { on, item: earlier.item, number: earlier.number }) : t('cases.from_earlier_of_theirs', { on })
}

/** What stands behind a line of the list of papers. */
export function standsBy(paper: MaterialOut, files: FileOut[], promised = false, named?: { name: string; number: string }): string {
  if (paper.exempt) return t('catalogue.exempt', { source: paper.exempt })
  if (files.length > 0) return t('cases.files', { n: files.length })
  if (promised) return t('cases.pledge.stands')
  if (named) return `${named.name} ${named.number}`
  if (paper.source === 'certificate') return t('cases.from_certificate')
  if (paper.source === 'earlier_case') return earlierText(paper)
  if (paper.source === 'window') return t('cases.from_window')
  return t('cases.no_paper')
}

/** Whether a paper is asked for and nothing stands behind it yet. */
export const lacks = (paper: MaterialOut, files: FileOut[]): boolean => paper.need === 'required' && !paper.exempt && !onHand(paper) && files.length === 0

/** Where what is on this phone differs from what another device has saved. */
export function differences(theirs: CaseOut, form: Record<string, string>, files: Record<string, FileOut[]>, promised: string[] = []): Difference[] {
  const answers = theirs.content.form.map((field) => ({ key: field.key, label: field.label, here: shown(field, form[field.key] ?? ''), there: shown(field, theirs.form[field.key] ?? '') }))
  const standing = (pledged: boolean, some: FileOut[]): string => (pledged ? t('cases.pledge.state.signed') : some.map((file) => file.name).join(' '))
  const papers = theirs.materials.map((paper) => ({ key: paper.key, label: paper.name, here: standing(promised.includes(paper.key), files[paper.key] ?? []), there: standing(paper.source === 'pledge', paper.files) }))
  return [...answers, ...papers].filter((one) => one.here !== one.there)
}

/** What is wrong with a form, in words, by the path the server names it with. */
export function slipsOf(fields: FormField[], form: Record<string, string>, finished: boolean): Record<string, Slip> {
  const known = new Map(fields.map((field) => [`form.${field.key}`, field]))
  return Object.fromEntries(Object.entries(formFaults(fields, form, finished)).map(([path, code]) => [path, { code, text: t(`cases.slip.${code}`, { limit: known.get(path)?.max_length ?? 200, max: known.get(path)?.rows ?? 20 }) }]))
}
