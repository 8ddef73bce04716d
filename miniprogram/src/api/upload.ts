/** A file in parts: whatever the network does, it goes on where it was cut, and may be given up at any time. */
import { freshKey, PART_PATIENCE, putBytes, request } from './client'
import { AppError } from './errors'
import type { FileOut } from './schema'
import { bytesOf, type Chosen } from '@/platform/files'
import { t } from '@/i18n'

/** Pauses between attempts at one part. After the last the person decides. */
const PAUSES = [500, 2_000, 5_000]

export interface Upload {
  /** Begins, or goes on where it was cut. Null when it was given up meanwhile. */
  run(): Promise<FileOut | null>
  /** Gives it up; the server forgets what it has. */
  cancel(): void
}

const rest = (pause: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, pause))

export function useUpload(file: Chosen, progress: (percent: number) => void): Upload {
  let id = ''
  let given = false
  const key = freshKey()

  /** Whether it is worth trying again by itself: nothing came back, or the server asks for a moment. */
  const passing = (problem: unknown): boolean => problem instanceof AppError && (problem.status === 0 || problem.status === 429 || problem.status >= 500)

  async function patiently<T>(deed: () => Promise<T>): Promise<T> {
    for (const pause of PAUSES) {
      try {
        return await deed()
      } catch (problem) {
        if (given || !passing(problem)) throw problem
        await rest(pause)
      }
    }
    return deed()
  }

  async function sendParts(): Promise<boolean> {
    const begun = await patiently(() => request('GET /uploads/{upload_id}', { params: { upload_id: id } }))
    let received = begun.received
    while (received < file.size && !given) {
      progress(Math.floor((received / file.size) * 100))
      const start = received
      const bytes = await bytesOf(file, start, Math.min(begun.part, file.size - start))
      const state = await patiently(() => putBytes(`/uploads/${id}/parts/${start}`, bytes, PART_PATIENCE))
      if (state.received === start && !given) throw new AppError({ code: 'stuck', text: t('documents.stuck') })
      received = state.received
    }
    return !given
  }

  async function run(): Promise<FileOut | null> {
    given = false
    try {
      if (!id) id = (await patiently(() => request('POST /uploads', { body: { name: file.name, size: file.size } }, { key }))).id
      if (!(await sendParts())) return null
      progress(100)
      return await patiently(() => request('POST /uploads/{upload_id}/finish', { params: { upload_id: id } }, { timeout: PART_PATIENCE }))
    } catch (problem) {
      if (given) return null
      // What lapsed, or was refused for itself, is not gone on with.
      if (problem instanceof AppError && problem.status >= 400 && problem.status < 500 && problem.status !== 429) id = ''
      throw problem
    }
  }

  function cancel(): void {
    given = true
    const begun = id
    id = ''
    // It lapses by itself, should this not arrive.
    if (begun) request('DELETE /uploads/{upload_id}', { params: { upload_id: begun } }, { quiet: true }).catch(() => undefined)
  }

  return { run, cancel }
}
