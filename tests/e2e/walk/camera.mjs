// A camera that looks at one picture: Chromium plays it to whatever page opens a camera.

import { writeFileSync } from 'node:fs'
import { PNG } from 'pngjs'

const [WIDTH, HEIGHT, FRAMES] = [640, 480, 5]

export const cameraFlags = (film) => ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`]

/** Point the camera at a picture (PNG): it lies in the middle of a grey table. */
export function pointAt(film, picture) {
  const { data, width, height } = PNG.sync.read(picture)
  const left = Math.max(0, Math.floor((WIDTH - width) / 2))
  const top = Math.max(0, Math.floor((HEIGHT - height) / 2))
  const light = Buffer.alloc(WIDTH * HEIGHT, 128)
  for (let y = 0; y < Math.min(height, HEIGHT); y += 1) {
    for (let x = 0; x < Math.min(width, WIDTH); x += 1) {
      const at = (y * width + x) * 4
      light[(top + y) * WIDTH + left + x] = Math.round(16 + (0.3 * data[at] + 0.59 * data[at + 1] + 0.11 * data[at + 2]) * 0.86)
    }
  }
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, Buffer.alloc(WIDTH * HEIGHT / 2, 128)])
  writeFileSync(film, Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`), ...Array.from({ length: FRAMES }, () => frame)]))
}
