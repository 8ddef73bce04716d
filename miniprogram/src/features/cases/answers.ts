/** How answers and papers are put into words: on the review, beside a question, and where two versions differ. */
import type { CaseOut, FileOut, FormField, MaterialOut, Source } from '@/api/schema'
import { t } from '@/i18n'

export interface Difference {
  key: string
  label: string
  here: string
  there: string
}

export function shown(field: FormField, value: string): string {
  return field.choices?.find((choice) => choice.value === value)?.label ?? value
}

export function sourceText(source: Source | undefined): string {
  if (!source) return ''
  return source.reported ? t('cases.report.reported') : t(`cases.source.${source.kind}`, { name: source.name ?? '' })
}

/** What stands behind a line of the list of papers. */
export function standsBy(paper: MaterialOut, files: FileOut[]): string {
  if (paper.exempt) return t('catalogue.exempt', { source: paper.exempt })
  if (files.length > 0) return t('cases.files', { n: files.length })
  if (paper.source === 'certificate') return t('cases.from_certificate')
  if (paper.source === 'window') return t('cases.from_window')
  return t('cases.no_paper')
}

/** Where what is on this phone differs from what another device has saved. */
export function differences(theirs: CaseOut, form: Record<string, string>, files: Record<string, FileOut[]>): Difference[] {
  const answers = theirs.content.form.map((field) => ({ key: field.key, label: field.label, here: shown(field, form[field.key] ?? ''), there: shown(field, theirs.form[field.key] ?? '') }))
  const names = (some: FileOut[]): string => some.map((file) => file.name).join(' ')
  const papers = theirs.materials.map((paper) => ({ key: paper.key, label: paper.name, here: names(files[paper.key] ?? []), there: names(paper.files) }))
  return [...answers, ...papers].filter((one) => one.here !== one.there)
}
