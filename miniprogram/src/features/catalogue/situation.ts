/** Situations: a few questions whose answers select the papers. The server decides by the same rules. */
import type { GuideContent, MaterialRule, Situation, SituationAnswer } from '@/api/schema'
import { keep, recall } from '@/platform/storage'

export type Answers = Record<string, string>

/** The questions as they are asked, each with the answer given; one without an answer is the next. */
export function walked(content: GuideContent, answers: Answers): { question: Situation; answer: SituationAnswer | null }[] {
  const questions = content.situations ?? []
  const found: { question: Situation; answer: SituationAnswer | null }[] = []
  let at = questions[0]
  while (at && found.length < questions.length) {
    const { key, answers: offered } = at
    const answer = offered.find((one) => one.value === answers[key]) ?? null
    found.push({ question: at, answer })
    at = answer?.then ? questions.find((one) => one.key === answer.then) : undefined
  }
  return found
}

/** Papers that no answer names are for everybody. */
export function materialsFor(content: GuideContent, answers: Answers): MaterialRule[] {
  const chosen = new Set(walked(content, answers).flatMap((one) => one.answer?.materials ?? []))
  const special = new Set((content.situations ?? []).flatMap((one) => one.answers.flatMap((answer) => answer.materials ?? [])))
  return content.materials.filter((rule) => !special.has(rule.key) || chosen.has(rule.key))
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
