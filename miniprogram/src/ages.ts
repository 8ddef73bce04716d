/** Who a guide, or one of its answers, is meant for by age. An answer refuses nobody; who a guide is not for does not apply on a phone. */
import type { Ages } from '@/api/schema'
import { t } from '@/i18n'

const EVER = 1000
const fits = ({ at_least: from, below }: Ages, age: number): boolean => age >= (from ?? 0) && age < (below ?? EVER)

function ruleText({ at_least: from, below }: Ages): string {
  if (from && below) return t('catalogue.ages.between', { from, years: below })
  return from ? t('catalogue.ages.at_least', { years: from }) : t('catalogue.ages.below', { years: below ?? EVER })
}

/** What to say to somebody of this age; nothing when it fits or is not known. `who` is named where it is not the reader. */
export function ageHint(ages: Ages | null | undefined, age: number | null | undefined, who = ''): string {
  if (!ages || typeof age !== 'number' || fits(ages, age)) return ''
  return t(who ? 'catalogue.ages.theirs' : 'catalogue.ages.yours', { rule: ruleText(ages), age, who })
}

/** Why a guide is not for somebody of this age; nothing when it is, or the age is not known: then the window asks. */
export function ageRefusal(ages: Ages | null | undefined, age: number | null | undefined, who: string): string {
  return ages && typeof age === 'number' && !fits(ages, age) ? t('catalogue.ages.refused', { rule: ruleText(ages), age, who }) : ''
}
