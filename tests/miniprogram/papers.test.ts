/** What the office has already is not asked of anybody, and they read where it comes from. */
import { beforeEach, expect, it } from 'vitest'
import type { MaterialOut } from '@/api/schema'
import './phone'

beforeEach(async () => (await import('@/i18n')).textsReady())

const answers = (): Promise<typeof import('@/features/cases/answers')> => import('@/features/cases/answers')

const paper = (more: Partial<MaterialOut>): MaterialOut => ({ key: 'photo', name: '近期免冠证件照', need: 'required', exempt: null, source: null, files: [], refused_reason: null, reference: null, earlier: null, ...more })

it('names the earlier matter a paper is taken over from, and asks for nothing', async () => {
  const { lacks, standsBy } = await answers()
  const taken = paper({ source: 'earlier_case', earlier: { on: '2025-03-02', number: 'YS-1', item: '居住证申领' } })
  expect(lacks(taken, [])).toBe(false)
  expect(standsBy(taken, [])).toContain('“居住证申领”（YS-1）')
  expect(standsBy(taken, [])).toContain('2025年3月2日')
})

it('names no matter to whoever acts for another and may not see it', async () => {
  const { standsBy } = await answers()
  const taken = paper({ source: 'earlier_case', earlier: { on: '2025-03-02', number: null, item: null } })
  expect(standsBy(taken, [])).toContain('申请人2025年3月2日')
})

it('asks for what nothing stands for', async () => {
  const { lacks } = await answers()
  expect(lacks(paper({}), [])).toBe(true)
})
