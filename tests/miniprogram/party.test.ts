/** Only those are offered whom a guide is for. */
import { expect, test } from 'vitest'
import './phone'

const self = { value: 'self', label: '' }
const child = { value: 'person:1', label: '' }
const firm = { value: 'enterprise:1', label: '' }

test('what only enterprises do is offered for the enterprise, what only persons do never for one', async () => {
  const { partiesFor } = await import('@/party')
  expect(partiesFor(['enterprise'], [self, child, firm])).toEqual([firm])
  expect(partiesFor(['person'], [self, child, firm])).toEqual([self, child])
  expect(partiesFor(['person', 'enterprise'], [self, child, firm])).toEqual([self, child, firm])
  expect(partiesFor(['enterprise'], [self])).toEqual([self])
})
