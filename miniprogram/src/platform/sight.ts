/** The door to `eyes.ts`, which only a browser ever fetches. */
import type { Chosen } from './files'

export interface Watching {
  stop(): void
}

export async function lookAround(frameId: string, found: (text: string) => void): Promise<Watching> {
  let watching: Watching = { stop: () => undefined }
  // #ifdef H5
  const frame = document.getElementById(frameId)
  const { watchCamera } = await import('./eyes')
  if (frame) watching = await watchCamera(frame, found)
  // #endif
  return watching
}

export async function readChosen(picture: Chosen): Promise<string | null> {
  let text: string | null = null
  // #ifdef H5
  const { readPicture } = await import('./eyes')
  text = picture.blob ? await readPicture(picture.blob) : null
  // #endif
  return text
}
