/** Choosing photographs and documents, and reading what was chosen. */

export interface Chosen {
  path: string
  name: string
  size: number
  /** The file itself, which only a browser has. */
  blob?: Blob
}

/** More the office takes of no file. */
export const LARGEST = 10 * 1024 * 1024
const PICTURES = 'image/jpeg,image/png,image/webp'

/** A browser's own chooser. It says nothing when it is closed without a choice on some phones: then the promise just rests. */
function chooseInBrowser(accept: string): Promise<Chosen | null> {
  return new Promise((resolve) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.accept = accept
    input.onchange = () => {
      const file = input.files?.[0]
      resolve(file ? { path: URL.createObjectURL(file), name: file.name, size: file.size, blob: file } : null)
    }
    input.oncancel = () => resolve(null)
    input.click()
  })
}

/** One photograph, from the camera or the album; `whole` as large as it is. Null when nothing was chosen. */
export function choosePhoto(whole = false): Promise<Chosen | null> {
  let chosen: Promise<Chosen | null> = Promise.resolve(null)
  // #ifdef MP-WEIXIN
  chosen = new Promise((resolve) => {
    wx.chooseMedia({
      count: 1,
      mediaType: ['image'],
      sizeType: [whole ? 'original' : 'compressed'],
      success: (answer) => {
        const file = answer.tempFiles[0]
        resolve(file ? { path: file.tempFilePath, name: file.tempFilePath.slice(file.tempFilePath.lastIndexOf('/') + 1), size: file.size } : null)
      },
      fail: () => resolve(null),
    })
  })
  // #endif
  // #ifdef H5
  chosen = chooseInBrowser(PICTURES)
  // #endif
  return chosen
}

/** One PDF or picture: WeChat takes it from a chat, a browser from its disk. */
export function chooseDocument(): Promise<Chosen | null> {
  let chosen: Promise<Chosen | null> = Promise.resolve(null)
  // #ifdef MP-WEIXIN
  chosen = new Promise((resolve) => {
    wx.chooseMessageFile({
      count: 1,
      type: 'file',
      extension: ['pdf', 'jpg', 'jpeg', 'png', 'webp'],
      success: (answer) => resolve(answer.tempFiles[0] ?? null),
      fail: () => resolve(null),
    })
  })
  // #endif
  // #ifdef H5
  chosen = chooseInBrowser(`application/pdf,${PICTURES}`)
  // #endif
  return chosen
}

const LYING = ['left', 'right', 'left-mirrored', 'right-mirrored']

/** How many dots a picture has, upright. Null for what is no picture, or cannot be measured here: the server does it too. */
export function dotsOf(file: Chosen): Promise<{ width: number; height: number } | null> {
  return new Promise((resolve) => {
    uni.getImageInfo({
      src: file.path,
      success: ({ width, height, orientation }) => resolve(LYING.includes(orientation ?? '') ? { width: height, height: width } : { width, height }),
      fail: () => resolve(null),
    })
  })
}

/** Some bytes of what was chosen: WeChat reads them from its path, a browser from the file. */
export function bytesOf(file: Chosen, start: number, length: number): Promise<ArrayBuffer> {
  let bytes: Promise<ArrayBuffer> = Promise.reject(new Error('unreadable'))
  bytes.catch(() => undefined)
  // #ifdef MP-WEIXIN
  bytes = new Promise((resolve, reject) => {
    wx.getFileSystemManager().readFile({
      filePath: file.path,
      position: start,
      length,
      success: (read) => resolve(read.data as ArrayBuffer),
      fail: (problem) => reject(new Error(problem.errMsg)),
    })
  })
  // #endif
  // #ifdef H5
  if (file.blob) bytes = file.blob.slice(start, start + length).arrayBuffer()
  // #endif
  return bytes
}
