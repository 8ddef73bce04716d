/** Writing to the office from any page: what the page shows, which page it is and what went wrong on it are filled in. */
import type { AppError } from '@/api/errors'
import { go } from '@/platform/navigate'

/** What a page shows; only what the server gave to this person, so that it is theirs to write about. */
export interface About {
  item?: string
  thread?: string | null
  name?: string
}

/** The page by the key of its title, and the number of what went wrong, as the desk reads it. */
export function placeOf(title: string, problem: AppError | null): string {
  if (!problem) return title
  return `${title}?problem=${problem.code}${problem.requestId ? `&number=${problem.requestId}` : ''}`
}

export const titleOf = (place: string): string => place.split('?')[0] ?? ''

export function ask(title: string, about: About = {}, problem: AppError | null = null): void {
  const { item, thread, name } = about
  go('/features/complaints/pages/new', { kind: problem ? 'erratum' : '', item, thread, name, from: placeOf(title, problem) })
}
