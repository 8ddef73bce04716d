/** A photograph to upload: noise in colours, so that it is a real picture with something in it. */
import { PNG } from 'pngjs'

export function photograph(width = 320, height = 420) {
  const png = new PNG({ width, height })
  for (let n = 0; n < png.data.length; n += 4) {
    png.data[n] = (n * 7) % 256
    png.data[n + 1] = (n * 13) % 256
    png.data[n + 2] = 160
    png.data[n + 3] = 255
  }
  return PNG.sync.write(png)
}
