/** Builds the phone for browsers beside the one that is being served, and takes its place only when it is whole. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const served = resolve('dist/build/h5')
const fresh = `${served}.new`
const old = `${served}.old`

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, UNI_OUTPUT_DIR: fresh } })
  if (status !== 0) {
    if (error) console.error(error.message)
    process.exit(status ?? 1)
  }
}

mkdirSync(dirname(served), { recursive: true })
rmSync(fresh, { recursive: true, force: true })
run(join('node_modules', '.bin', 'uni'), 'build')
if (!existsSync(join(fresh, 'index.html'))) throw new Error(`uni wrote nothing to ${fresh}`)
run(process.execPath, 'scripts/precompress.mjs', fresh)
rmSync(old, { recursive: true, force: true })
if (existsSync(served)) renameSync(served, old)
renameSync(fresh, served)
rmSync(old, { recursive: true, force: true })
