/** The lines of a guide by key, as they are called: its questions and its papers. */
import type { CaseOut } from '@/api/schema'

export const lineNames = ({ form, materials }: CaseOut['content']): Map<string, string> => new Map([...form.map((one): [string, string] => [one.key, one.label]), ...materials.map((one): [string, string] => [one.key, one.name])])
