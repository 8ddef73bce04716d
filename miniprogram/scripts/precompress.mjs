/** Writes FILE.br and FILE.gz beside every text file of a built folder, so that the server never compresses in a request. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const TEXT = new Set(['.js', '.css', '.html', '.json', '.svg', '.ttf'])
const SMALLEST = 512

const folder = process.argv[2]
if (!folder) throw new Error('usage: precompress.mjs FOLDER')

for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !TEXT.has(extname(entry.name))) continue
  const path = join(entry.parentPath ?? entry.path, entry.name)
  const bytes = readFileSync(path)
  if (bytes.length < SMALLEST) continue
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, options))
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
}
