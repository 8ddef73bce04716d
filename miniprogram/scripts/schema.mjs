/**
 * Writes src/api/schema.ts from the server's OpenAPI description; without a source, the server beside us is asked for it.
 *   npm run schema [-- FILE|URL]        write it
 *   npm run schema:check [-- FILE|URL]  fail when the written one is stale
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const TARGET = fileURLToPath(new URL('../src/api/schema.ts', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const HEAD = '// GENERATED from the server by `npm run schema`. Never edited by hand.\n\n'
const PREFIX = '/api/v1'
const METHODS = ['get', 'post', 'put', 'delete']

async function load(source) {
  if (!source) {
    const python = process.env.PYTHON ?? `${ROOT}/.venv/bin/python`
    return JSON.parse(execFileSync(python, ['-m', 'server', 'openapi'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 << 20 }))
  }
  if (/^https?:/.test(source)) return (await fetch(source)).json()
  return JSON.parse(readFileSync(source, 'utf8'))
}

/** `Page_Item_` is a page of items; names that two features share carry the feature's (`server.features.booking.schemas.HallRef`). */
function nameOf(ref) {
  const parts = ref.split('/').at(-1).split('.')
  const name = parts.at(-1).replace(/^(\w+?)_(\w+)_$/, '$1Of$2').replace(/\W+/g, '_')
  const feature = parts.at(-3)
  return feature ? feature[0].toUpperCase() + feature.slice(1) + name : name
}

const quoted = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name))
const union = (types) => [...new Set(types)].join(' | ')
const indented = (text) => text.replace(/\n/g, '\n  ')

/** The schemas that a person may send; only there may a field be left out. The server always says all it has. */
let sent = new Set()

function collect(node, schemas, found) {
  if (Array.isArray(node)) return node.forEach((one) => collect(one, schemas, found))
  if (typeof node !== 'object' || node === null) return
  const name = node.$ref?.split('/').at(-1)
  if (name && !found.has(name)) {
    found.add(name)
    collect(schemas[name], schemas, found)
  }
  for (const value of Object.values(node)) collect(value, schemas, found)
}

function sentBy(openapi) {
  const found = new Set()
  for (const item of Object.values(openapi.paths ?? {})) {
    for (const method of METHODS) collect(item[method]?.requestBody, openapi.components?.schemas ?? {}, found)
  }
  return found
}

function objectOf(schema, name) {
  const all = name !== undefined && !sent.has(name)
  const wanted = new Set(all ? Object.keys(schema.properties ?? {}) : (schema.required ?? []))
  const lines = Object.entries(schema.properties ?? {}).map(
    ([name, value]) => `  ${quoted(name)}${wanted.has(name) ? '' : '?'}: ${indented(typeOf(value))}`,
  )
  if (lines.length > 0) return `{\n${lines.join('\n')}\n}`
  const rest = schema.additionalProperties
  return rest && typeof rest === 'object' ? `Record<string, ${typeOf(rest)}>` : 'Record<string, unknown>'
}

function arrayOf(schema) {
  if (schema.prefixItems) return `[${schema.prefixItems.map((one) => typeOf(one)).join(', ')}]`
  const item = typeOf(schema.items ?? {})
  return /^[\w.]+$/.test(item) ? `${item}[]` : `(${item})[]`
}

const SIMPLE = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean', null: 'null' }

export function typeOf(schema, name) {
  if (schema.$ref) return nameOf(schema.$ref)
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)))
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return union(choices.map((one) => typeOf(one)))
  if (schema.allOf) return schema.allOf.map((one) => typeOf(one)).join(' & ')
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type })))
  if (schema.type === 'array') return arrayOf(schema)
  if (schema.type === 'object' || schema.properties) return objectOf(schema, name)
  return SIMPLE[schema.type] ?? 'unknown'
}

function contentOf(holder) {
  const json = holder?.content?.['application/json']
  if (json) return typeOf(json.schema ?? {})
  return holder?.content ? 'unknown' : null
}

function replyOf(operation) {
  const success = Object.keys(operation.responses ?? {}).filter((status) => /^2/.test(status)).sort()[0]
  return contentOf(operation.responses?.[success]) ?? 'null'
}

function parametersOf(operation, place) {
  const found = (operation.parameters ?? []).filter((parameter) => parameter.in === place)
  if (found.length === 0) return null
  // What stands in the path is text, whatever it means to the server.
  const lines = found.map((one) =>
    place === 'path' ? `${quoted(one.name)}: string` : `${quoted(one.name)}${one.required ? '' : '?'}: ${typeOf(one.schema ?? {})}`,
  )
  const needed = place === 'path' || found.some((one) => one.required)
  return { needed, type: `{ ${lines.join('; ')} }` }
}

function endpointOf(item, operation) {
  const all = { ...operation, parameters: [...(item.parameters ?? []), ...(operation.parameters ?? [])] }
  const params = parametersOf(all, 'path')
  const query = parametersOf(all, 'query')
  const body = contentOf(operation.requestBody)
  const parts = []
  if (params) parts.push(`params: ${params.type}`)
  if (query) parts.push(`query${query.needed ? '' : '?'}: ${query.type}`)
  if (body) parts.push(`body: ${body}`)
  parts.push(`reply: ${replyOf(operation)}`)
  return `{ ${parts.join('; ')} }`
}

export function render(openapi) {
  sent = sentBy(openapi)
  const schemas = Object.entries(openapi.components?.schemas ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const types = schemas.map(([name, schema]) => {
    const own = nameOf(name)
    const text = typeOf(schema, name)
    return text.startsWith('{') ? `export interface ${own} ${text}` : `export type ${own} = ${text}`
  })
  const endpoints = []
  for (const [path, item] of Object.entries(openapi.paths ?? {})) {
    if (!path.startsWith(PREFIX)) continue
    for (const method of METHODS) {
      if (item[method]) endpoints.push(`  '${method.toUpperCase()} ${path.slice(PREFIX.length)}': ${endpointOf(item, item[method])}`)
    }
  }
  return `${HEAD}${types.join('\n\n')}\n\nexport interface Endpoints {\n${endpoints.sort().join('\n')}\n}\n`
}

async function main(args) {
  const check = args.includes('--check')
  const source = args.find((arg) => !arg.startsWith('--'))
  const text = render(await load(source))
  if (!check) return writeFileSync(TARGET, text)
  if (readFileSync(TARGET, 'utf8') !== text) {
    process.stderr.write('src/api/schema.ts is stale: the server has changed. Run `npm run schema`.\n')
    process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2))
