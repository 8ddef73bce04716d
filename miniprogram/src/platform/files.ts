/** Choosing photographs and documents. What is chosen is a path that `upload` of the client can send. */

export interface Chosen {
  path: string
  name: string
  size: number
  /** The file itself, which only a browser has. */
  blob?: Blob
}

interface RawFile {
  path: string
  size: number
  name?: string
}

function named(file: RawFile | File, path: string): Chosen {
  const name = file.name ?? path.slice(path.lastIndexOf('/') + 1)
  return { path, name, size: file.size, ...(typeof File !== 'undefined' && file instanceof File ? { blob: file } : {}) }
}

/** One photograph, from the camera or the album. Null when nothing was chosen. */
export function choosePhoto(): Promise<Chosen | null> {
  return new Promise((resolve) => {
    uni.chooseImage({
      count: 1,
      sizeType: ['compressed'],
      success: (answer) => {
        const file = (answer.tempFiles as (RawFile | File)[])[0]
        const path = answer.tempFilePaths[0]
        resolve(file && path ? named(file, path) : null)
      },
      fail: () => resolve(null),
    })
  })
}

/** One PDF: WeChat takes it from a chat, a browser from its disk. */
export function chooseDocument(): Promise<Chosen | null> {
  return new Promise((resolve) => {
    // #ifdef MP-WEIXIN
    wx.chooseMessageFile({
      count: 1,
      type: 'file',
      extension: ['pdf', 'jpg', 'jpeg', 'png', 'webp'],
      success: (answer) => resolve(answer.tempFiles[0] ?? null),
      fail: () => resolve(null),
    })
    // #endif
    // #ifdef H5
    uni.chooseFile({
      count: 1,
      extension: ['.pdf', '.jpg', '.jpeg', '.png', '.webp'],
      success: (answer) => {
        const file = (answer.tempFiles as (RawFile | File)[])[0]
        const path = (answer.tempFilePaths as string[])[0]
        resolve(file && path ? named(file, path) : null)
      },
      fail: () => resolve(null),
    })
    // #endif
  })
}
