/** An application while it is being written: answers, papers, and the copy of both that the server keeps. */
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { request, type Input } from '@/api/client'
import { useDeed } from '@/api/deed'
import { AppError } from '@/api/errors'
import type { CaseOut, DeliveryIn, FileOut, FormField, HallView, MaterialOut, ReferenceIn } from '@/api/schema'
import { guideOf } from '@/guides'
import { t } from '@/i18n'
import { recall } from '@/platform/storage'
import { askAlong } from '@/subscriptions'
import { onHand, slipsOf, type Slip } from './answers'

const REST = 1500

export type Saved = 'saved' | 'saving' | 'unsaved' | 'newer_elsewhere'
export type Wish = Required<DeliveryIn>

export function useStart(): (item: string, party: string) => Promise<CaseOut> {
  const deed = useDeed('POST /cases')
  return (item, party) => {
    const [kind, id = null] = party.split(':')
    return deed.run({ body: { item_id: item, situation: recall<Record<string, string>>(`situation.${item}`) ?? {}, for_person_id: kind === 'person' ? id : null, enterprise_id: kind === 'enterprise' ? id : null } })
  }
}

export const matter = (id: string): Promise<CaseOut> => request('GET /cases/{case_id}', { params: { case_id: id } })

/** How the result should come, as it was chosen; else the usual way. */
export function wished(matter: CaseOut): Wish {
  const usual = { method: (matter.delivery_methods[0] ?? 'none') as Wish['method'], hall_id: null, together: true, address_id: null }
  const { method, hall_id, together, address_id } = { ...usual, ...matter.delivery }
  return { method, hall_id, together, address_id }
}

/** Where the result can be collected; the guide says, and is mostly still at hand. */
export async function hallsFor(matter: CaseOut): Promise<HallView[]> {
  if (!matter.delivery_methods.includes('counter')) return []
  const guide = await guideOf(matter.item.id).catch(() => null)
  return guide?.halls ?? []
}

/** A line that depends on another answer is asked only when that answer is given. */
export const applies = (when: { field: string; equals: string } | null | undefined, form: Record<string, string>): boolean => !when || form[when.field] === when.equals

export interface Named {
  name: string
  number: string
}

export interface Application {
  matter: ShallowRef<CaseOut | null>
  form: Ref<Record<string, string>>
  files: Ref<Record<string, FileOut[]>>
  /** The lines a written pledge stands for once it is handed in. */
  promised: Ref<string[]>
  /** Approvals that are named instead of uploaded, by line of the guide. */
  named: Ref<Record<string, Named>>
  fields: ComputedRef<FormField[]>
  papers: ComputedRef<MaterialOut[]>
  problems: ComputedRef<Record<string, string>>
  /** The same by their codes, for whoever helps. */
  faults: ComputedRef<Record<string, string>>
  /** Whether the questions, and the papers, are complete as far as the phone can tell. */
  complete: ComputedRef<boolean[]>
  saved: Ref<Saved>
  busy: Ref<boolean>
  reporting: Ref<boolean>
  /** What another device has saved meanwhile; the person chooses between it and what is here. */
  theirs: ShallowRef<CaseOut | null>
  /** It was handed in elsewhere meanwhile: nothing more is to be saved here. */
  over: Ref<boolean>
  open(fresh: CaseOut): void
  /** Puts it away once all is saved, so that it can be gone on with; false while something is not. */
  leave(): Promise<boolean>
  takeHere(): Promise<void>
  takeThere(): void
  report(key: string, right: string, words: string): Promise<void>
  answer(key: string, value: string): void
  add(key: string, file: FileOut): void
  remove(key: string, file: FileOut): void
  promise(key: string, signed: boolean): void
  /** Names an approval; null is the way back to a file. */
  name(key: string, approval: Named | null): void
  keepNow(): Promise<void>
  /** Says what is not an answer to its question; what is still missing counts only when it is handed in. */
  slips(): boolean
  submit(delivery: Wish): Promise<CaseOut | null>
}

export function useApplication(): Application {
  const opened = shallowRef<CaseOut | null>(null)
  const form = ref<Record<string, string>>({})
  const files = ref<Record<string, FileOut[]>>({})
  const promised = ref<string[]>([])
  const named = ref<Record<string, Named>>({})
  const saved = ref<Saved>('saved')
  const mended = ref<string[]>([])
  const draft = useDeed('PUT /cases/{case_id}/draft')
  const handIn = useDeed('POST /cases/{case_id}/submit')
  const dispute = useDeed('POST /cases/{case_id}/report')
  const theirs = shallowRef<CaseOut | null>(null)
  const over = ref(false)
  let version = 0
  let edits = 0
  let done = false
  let handing = false
  let keeping = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | undefined

  const fields = computed(() => (opened.value?.content.form ?? []).filter((field) => applies(field.when, form.value)))
  const papers = computed(() => {
    const rules = new Map(opened.value?.content.materials.map((rule) => [rule.key, rule.when]))
    const known = new Map(opened.value?.materials.map((one) => [one.key, one]))
    return (opened.value?.content.materials ?? [])
      .filter((rule) => applies(rules.get(rule.key), form.value))
      .map((rule): MaterialOut => known.get(rule.key) ?? { key: rule.key, name: rule.name, need: rule.need, exempt: rule.exempt, source: null, files: [], refused_reason: null, reference: null, earlier: null })
  })
  const complete = computed(() => {
    const rules = new Map(opened.value?.content.materials.map((rule) => [rule.key, rule]))
    const owed = papers.value.filter((one) => one.need === 'required' && !one.exempt && !onHand(one) && rules.get(one.key)?.medium !== 'paper')
    return [fields.value.every((field) => !field.required || form.value[field.key]), owed.every((one) => (files.value[one.key] ?? []).length > 0 || promised.value.includes(one.key) || Boolean(named.value[one.key]?.number)), false]
  })
  const told = shallowRef<Record<string, Slip>>({})
  const wrong = computed(() => Object.entries(told.value).filter(([path]) => !mended.value.some((one) => path === one || path.startsWith(`${one}.`))))
  const problems = computed(() => Object.fromEntries(wrong.value.map(([path, slip]) => [path, slip.text])))
  const faults = computed(() => Object.fromEntries(wrong.value.map(([path, slip]) => [path, slip.code])))

  function found(next: Record<string, Slip>): boolean {
    told.value = next
    mended.value = []
    return Object.keys(next).length > 0
  }

  const slips = (finished = false): boolean => found(slipsOf(fields.value, form.value, finished))

  function open(fresh: CaseOut): void {
    opened.value = fresh
    form.value = { ...fresh.form }
    files.value = Object.fromEntries(fresh.materials.map((one) => [one.key, one.files]))
    named.value = Object.fromEntries(fresh.materials.flatMap((one) => (one.source === 'reference' && one.reference ? [[one.key, { name: one.reference.name, number: one.reference.number }]] : [])))
    promised.value = fresh.materials.filter((one) => one.source === 'pledge').map((one) => one.key)
    version = fresh.version
    saved.value = 'saved'
  }

  async function leave(): Promise<boolean> {
    await keepNow()
    if (saved.value === 'saved') opened.value = null
    return saved.value === 'saved'
  }

  const contents = (): { form: Record<string, string>; materials: { key: string; file_id: string }[]; pledges: string[]; references: ReferenceIn[]; version: number } => ({
    form: Object.fromEntries(Object.entries(form.value).filter(([key]) => fields.value.some((field) => field.key === key))),
    materials: papers.value.flatMap((one) => (files.value[one.key] ?? []).map((file) => ({ key: one.key, file_id: file.id }))),
    references: papers.value.flatMap((one) => (named.value[one.key] ? [{ key: one.key, name: '', number: '', ...named.value[one.key] }] : [])),
    pledges: papers.value.map((one) => one.key).filter((key) => promised.value.includes(key)),
    version,
  })

  const toSave = (): boolean => !over.value && saved.value !== 'saved' && saved.value !== 'newer_elsewhere'

  /** Saves what there is. What is typed meanwhile is saved by the next round. */
  function keepNow(): Promise<void> {
    clearTimeout(timer)
    if (opened.value && toSave() && !draft.busy.value && !handing) keeping = keep(opened.value.id)
    return keeping
  }

  async function keep(id: string): Promise<void> {
    const seen = edits
    saved.value = 'saving'
    try {
      const kept = await draft.run({ params: { case_id: id }, body: contents() })
      version = kept.version
      opened.value = kept
      saved.value = seen === edits ? 'saved' : 'unsaved'
    } catch (problem) {
      saved.value = 'unsaved'
      if (isNewer(problem)) await look()
      over.value = isOver(problem) && !handIn.busy.value && !done
    }
    if (toSave()) soon()
  }

  const isNewer = (problem: unknown): boolean => problem instanceof AppError && problem.code === 'cases.newer_elsewhere'

  const isOver = (problem: unknown): boolean => problem instanceof AppError && problem.code === 'cases.wrong_state'

  /** Nothing is saved over what another device has saved until the person has chosen. */
  async function look(): Promise<void> {
    saved.value = 'newer_elsewhere'
    if (opened.value) theirs.value = await matter(opened.value.id).catch(() => null)
    // Without a connection it is tried again with the next word.
    if (!theirs.value) saved.value = 'unsaved'
  }

  async function takeHere(): Promise<void> {
    if (!theirs.value) return
    version = theirs.value.version
    theirs.value = null
    saved.value = 'unsaved'
    await keepNow()
  }

  function takeThere(): void {
    if (theirs.value) open(theirs.value)
    theirs.value = null
  }

  /** What is right stands in the form at once; what was typed elsewhere is saved first. */
  async function report(key: string, right: string, words: string): Promise<void> {
    await keepNow()
    if (!opened.value || saved.value !== 'saved') throw new AppError({ code: 'unsaved', text: t('cases.saved.unsaved') })
    open(await dispute.run({ params: { case_id: opened.value.id }, body: { key, right, words, version } }))
  }

  function soon(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void keepNow(), REST)
  }

  function changed(path: string): void {
    edits++
    if (saved.value === 'saved') saved.value = 'unsaved'
    mended.value = [...mended.value, path]
    soon()
  }

  function answer(key: string, value: string): void {
    form.value = { ...form.value, [key]: value }
    changed(`form.${key}`)
  }

  function add(key: string, file: FileOut): void {
    // The proof itself goes before a word that stands for it.
    named.value = Object.fromEntries(Object.entries(named.value).filter(([one]) => one !== key))
    promised.value = promised.value.filter((one) => one !== key)
    files.value = { ...files.value, [key]: [...(files.value[key] ?? []), file] }
    changed(`materials.${key}`)
  }

  function name(key: string, approval: Named | null): void {
    const others = Object.fromEntries(Object.entries(named.value).filter(([one]) => one !== key))
    named.value = approval ? { ...others, [key]: approval } : others
    changed(`materials.${key}`)
  }

  function promise(key: string, signed: boolean): void {
    promised.value = signed ? [...promised.value, key] : promised.value.filter((one) => one !== key)
    changed(`materials.${key}`)
  }

  function remove(key: string, file: FileOut): void {
    files.value = { ...files.value, [key]: (files.value[key] ?? []).filter((one) => one.id !== file.id) }
    changed(`materials.${key}`)
  }

  /** Hands it in; null when something in it has to be mended first, and `problems` says what. */
  async function submit(delivery: Wish): Promise<CaseOut | null> {
    if (!opened.value) return null
    clearTimeout(timer)
    if (slips(true)) return null
    const subscriptions = await askAlong(opened.value.thread_id, opened.value.ask, handIn.nonce())
    // What is on its way is saved first: handed in beside it, the one would take the other for another device's.
    handing = true
    await keeping
    try {
      return theirs.value || over.value ? null : await send(opened.value.id, { ...contents(), delivery, subscriptions })
    } finally {
      handing = false
      if (!done && toSave()) soon()
    }
  }

  async function send(id: string, body: Input<'POST /cases/{case_id}/submit'>['body']): Promise<CaseOut | null> {
    try {
      const kept = await handIn.run({ params: { case_id: id }, body })
      done = true
      saved.value = 'saved'
      return kept
    } catch (problem) {
      if (isNewer(problem)) {
        await look()
        return null
      }
      over.value = isOver(problem)
      if (over.value) return null
      if (!(problem instanceof AppError) || problem.fields.length === 0) throw problem
      found(Object.fromEntries(problem.fields.map((field) => [field.path, field])))
      return null
    }
  }

  return { matter: opened, form, files, promised, named, fields, papers, problems, faults, complete, saved, busy: handIn.busy, reporting: dispute.busy, theirs, over, takeHere, takeThere, report, open, leave, answer, add, remove, promise, name, keepNow, slips: () => slips(), submit }
}
