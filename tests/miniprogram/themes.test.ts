import { expect, test } from 'vitest'
import './phone'

const situation = (): Promise<typeof import('@/features/catalogue/situation')> => import('@/features/catalogue/situation')
const PARTS = [{ key: 'p1', item: 'A', name: '户口登记' }, { key: 'p2', item: 'B', name: '社保卡' }, { key: 'p3', item: 'C', name: '老年证' }]
const paper = (key: string, ...stands_for: string[]): Record<string, unknown> => ({ key, name: key, need: 'required', standards: [], stands_for })
const theme = {
  parts: PARTS,
  materials: [paper('card', 'p1.id_card', 'p2.card'), paper('photo', 'p2.photo', 'p3.photo'), paper('old', 'p3.old'), paper('mandate', 'p3.mandate')],
  situations: [
    { key: 'wants', question: '要办老年证吗？', answers: [{ value: 'yes', label: '要', parts: ['p3'] }, { value: 'no', label: '不要' }] },
    { key: 'p3_who', part: 'p3', question: '谁来？', answers: [{ value: 'self', label: '本人' }, { value: 'other', label: '别人', materials: ['mandate'] }] },
  ],
} as never

test.each([
  [{}, ['p1', 'p2'], ['card', 'photo'], 'wants'],
  [{ wants: 'no' }, ['p1', 'p2'], ['card', 'photo'], undefined],
  [{ wants: 'yes' }, ['p1', 'p2', 'p3'], ['card', 'photo', 'old'], 'p3_who'],
  [{ wants: 'yes', p3_who: 'other' }, ['p1', 'p2', 'p3'], ['card', 'photo', 'old', 'mandate'], undefined],
  [{ wants: 'no', p3_who: 'other' }, ['p1', 'p2'], ['card', 'photo'], undefined],
])('%j selects items and papers as the server does', async (answers, parts, papers, open) => {
  const { materialsFor, partsFor, walked } = await situation()
  expect(partsFor(theme, answers as never).map((one) => one.key)).toEqual(parts)
  expect(materialsFor(theme, answers as never).map((one) => one.key)).toEqual(papers)
  expect(walked(theme, answers as never).find((one) => !one.answer)?.question.key).toBe(open)
})

test('a paper says for which of the items needed it does', async () => {
  const { askedBy, partsFor } = await situation()
  const photo = paper('photo', 'p2.photo', 'p3.photo') as never
  expect(askedBy(photo, partsFor(theme, { wants: 'no' })).map((one) => one.name)).toEqual(['社保卡'])
  expect(askedBy(photo, partsFor(theme, { wants: 'yes' })).map((one) => one.name)).toEqual(['社保卡', '老年证'])
})

test('a guide without items asks and needs what it always did', async () => {
  const { materialsFor, walked } = await situation()
  const plain = { materials: [paper('all'), paper('sale')], situations: [{ key: 'way', question: '？', answers: [{ value: 'sale', label: '买', materials: ['sale'] }, { value: 'gift', label: '赠' }] }] } as never
  expect(materialsFor(plain, {}).map((one) => one.key)).toEqual(['all'])
  expect(materialsFor(plain, { way: 'sale' }).map((one) => one.key)).toEqual(['all', 'sale'])
  expect(walked(plain, { way: 'gift' })).toHaveLength(1)
})
