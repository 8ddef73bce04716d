import { expect, test } from 'vitest'
import { render, typeOf } from '../../miniprogram/scripts/schema.mjs'

const openapi = {
  components: {
    schemas: {
      Wish: { type: 'object', properties: { note: { type: 'string', default: '' }, day: { type: 'string' } }, required: ['day'] },
      Answer: { type: 'object', properties: { id: { type: 'string' }, left: { type: 'integer', default: 0 } }, required: ['id'] },
      Page_Answer_: { type: 'object', properties: { items: { type: 'array', items: { $ref: '#/components/schemas/Answer' } } }, required: ['items'] },
      'server.features.booking.schemas.HallRef': { type: 'object', properties: {}, required: [] },
    },
  },
  paths: {
    '/api/v1/things/{thing_id}': {
      get: {
        parameters: [
          { name: 'thing_id', in: 'path', required: true, schema: { type: 'string' } },
          { name: 'limit', in: 'query', schema: { type: 'integer' } },
        ],
        responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Page_Answer_' } } } } },
      },
      put: { requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Wish' } } } }, responses: { 204: {} } },
    },
    '/health/live': { get: { responses: { 200: {} } } },
  },
}

test('what is sent may leave defaults out, what is answered is always whole', () => {
  const text = render(openapi)
  expect(text).toContain('export interface Wish {\n  note?: string\n  day: string\n}')
  expect(text).toContain('export interface Answer {\n  id: string\n  left: number\n}')
})

test('every call is one line, by its method and path', () => {
  const text = render(openapi)
  expect(text).toContain("'GET /things/{thing_id}': { params: { thing_id: string }; query?: { limit?: number }; reply: PageOfAnswer }")
  expect(text).toContain("'PUT /things/{thing_id}': { body: Wish; reply: null }")
  expect(text).not.toContain('/health')
})

test('names two features share carry the feature', () => {
  expect(render(openapi)).toContain('export type BookingHallRef = Record<string, unknown>')
})

test('it says the same twice', () => {
  expect(render(openapi)).toBe(render(JSON.parse(JSON.stringify(openapi))))
})

test.each([
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'string | null'],
  [{ enum: ['a', 'b'] }, '"a" | "b"'],
  [{ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'integer' }] } }, '(string | number)[]'],
  [{ type: 'object', additionalProperties: { type: 'integer' } }, 'Record<string, number>'],
  [{ type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] }, '[string, number]'],
  [{}, 'unknown'],
])('%j', (schema, type) => {
  expect(typeOf(schema)).toBe(type)
})
