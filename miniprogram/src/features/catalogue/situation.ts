/** Situations: a few questions whose answers select the papers. The server decides by the same rules. */
import type { FormField, GuideContent, MaterialRule, Part, Situation, SituationAnswer } from '@/api/schema'
import { keep, recall } from '@/platform/storage'

export type Answers = Record<string, string>

interface Asked {
  question: Situation
  answer: SituationAnswer | null
}

/** The questions as they are asked, each with the answer given; one without an answer is the next. A theme asks its own first. */
export function walked(content: GuideContent, answers: Answers): Asked[] {
  const questions = content.situations ?? []
  const found = walk(questions.filter((one) => !one.part), answers)
  for (const part of partsFor(content, answers)) {
    const last = found[found.length - 1]
    if (last && (!last.answer || last.answer.stop)) break
    found.push(...walk(questions.filter((one) => one.part === part.key), answers))
  }
  return found
}

function walk(questions: Situation[], answers: Answers): Asked[] {
  const found: Asked[] = []
  let at = questions[0]
  while (at && found.length < questions.length) {
    const { key, answers: offered } = at
    const answer = offered.find((one) => one.value === answers[key]) ?? null
    found.push({ question: at, answer })
    at = answer?.then ? questions.find((one) => one.key === answer.then) : undefined
  }
  return found
}

/** The items of a theme that are needed: those no answer names are, by everybody. */
export function partsFor(content: GuideContent, answers: Answers): Part[] {
  const own = (content.situations ?? []).filter((one) => !one.part)
  const chosen = new Set(walk(own, answers).flatMap((one) => one.answer?.parts ?? []))
  const special = new Set(own.flatMap((one) => one.answers.flatMap((answer) => answer.parts ?? [])))
  return (content.parts ?? []).filter((one) => !special.has(one.key) || chosen.has(one.key))
}

/** For which of these items a line of a theme is asked. */
export const askedBy = (line: MaterialRule | FormField, parts: Part[]): Part[] => parts.filter((part) => (line.stands_for ?? []).some((one) => one.startsWith(`${part.key}.`)))

/** Papers that no answer names are for everybody; one of a theme is needed if one of its items needs it. */
export function materialsFor(content: GuideContent, answers: Answers): MaterialRule[] {
  const named = (part: string | null | undefined, key: string): string => `${part ?? ''}.${key}`
  const chosen = new Set(walked(content, answers).flatMap((one) => (one.answer?.materials ?? []).map((key) => named(one.question.part, key))))
  const special = new Set((content.situations ?? []).flatMap((one) => one.answers.flatMap((answer) => (answer.materials ?? []).map((key) => named(one.part, key)))))
  const needed = (key: string, part?: string): boolean => !special.has(named(part, key)) || chosen.has(named(part, key))
  const parts = partsFor(content, answers)
  return content.materials.filter((rule) => needed(rule.key) && ((rule.stands_for ?? []).length === 0 || askedBy(rule, parts).some((part) => needed(rule.key, part.key))))
}

/** Going back to a question forgets what was answered after it. */
export function answered(content: GuideContent, answers: Answers, key: string, value: string | null): Answers {
  const before = walked(content, answers).map((one) => one.question.key)
  const kept = Object.fromEntries(Object.entries(answers).filter(([name]) => before.indexOf(name) >= 0 && before.indexOf(name) < before.indexOf(key)))
  return value === null ? kept : { ...kept, [key]: value }
}

/** Kept by item, so that the application begins with what was answered on its guide. */
export const rememberSituation = (item: string, answers: Answers): void => keep(`situation.${item}`, answers)
export const recallSituation = (item: string): Answers => recall<Answers>(`situation.${item}`) ?? {}
