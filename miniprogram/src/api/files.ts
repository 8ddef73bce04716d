/** Papers and pictures that only their owner may fetch: the login goes along, which no plain picture address can do. */
import { AppError } from './errors'
import { bearer } from './client'
import { base, serverOrigin } from './transport'
import { t } from '@/i18n'

const unreachable = (status = 0): AppError => new AppError({ code: 'file', text: t('common.problem.file'), status })
const whole = (url: string): string => (/^https?:/.test(url) ? url : serverOrigin() + url)

async function fetched(url: string): Promise<string> {
  const header = await bearer()
  return new Promise((resolve, reject) => {
    uni.downloadFile({
      url: whole(url),
      header,
      success: (answer) => (answer.statusCode === 200 ? resolve(answer.tempFilePath) : reject(unreachable(answer.statusCode))),
      fail: () => reject(unreachable()),
    })
  })
}

const pictures = new Map<string, Promise<string>>()

/** A local address of a picture; each is fetched once. */
export function pictureOf(url: string): Promise<string> {
  const known = pictures.get(url)
  if (known) return known
  const coming = fetched(url)
  pictures.set(url, coming)
  coming.catch(() => pictures.delete(url))
  return coming
}

/** Show a PDF or a picture in full. */
export async function openFile(url: string, mediaType = 'application/pdf'): Promise<void> {
  const path = await fetched(url)
  // #ifdef MP-WEIXIN
  if (mediaType.startsWith('image/')) return void wx.previewImage({ urls: [path] })
  wx.openDocument({ filePath: path, fileType: 'pdf', showMenu: true, fail: () => undefined })
  // #endif
  // #ifdef H5
  window.open(path, '_blank')
  // #endif
}

/** What is only looked at, and kept nowhere: a picture's address that holds the picture itself. */
export async function drawingOf(url: string): Promise<string> {
  const header = await bearer()
  return new Promise((resolve, reject) => {
    uni.request({
      url: whole(url),
      header,
      responseType: 'arraybuffer',
      success: (answer) => {
        const content = answer.data as ArrayBuffer
        if (answer.statusCode === 200) return resolve(`data:image/png;base64,${uni.arrayBufferToBase64(content)}`)
        reject(refused(content, answer.statusCode))
      },
      fail: () => reject(unreachable()),
    })
  })
}

function refused(content: ArrayBuffer, status: number): AppError {
  try {
    // WeChat has no TextDecoder.
    const written = Array.from(new Uint8Array(content), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
    const problem = JSON.parse(decodeURIComponent(written)) as { code: string; detail: string }
    return new AppError({ code: problem.code, text: problem.detail, status })
  } catch {
    return unreachable(status)
  }
}

const PATIENCE = 120_000
const ARCHIVE = 'my-data.zip'

/** Ask for one's own archive. It is given out once and stored nowhere, so the answer itself is the file. */
async function archive(): Promise<ArrayBuffer> {
  const header = await bearer()
  return new Promise((resolve, reject) => {
    uni.request({
      url: `${base()}/me/data/export`,
      method: 'POST',
      header,
      responseType: 'arraybuffer',
      timeout: PATIENCE,
      success: (answer) => {
        if (answer.statusCode === 200) return resolve(answer.data as ArrayBuffer)
        reject(answer.statusCode === 429 ? new AppError({ code: 'too_many', text: t('identity.data.enough'), status: 429 }) : unreachable(answer.statusCode))
      },
      fail: () => reject(unreachable()),
    })
  })
}

/** Save one's own archive: a browser keeps it with the downloads, WeChat hands it to a chat of one's choice. */
export async function saveArchive(): Promise<void> {
  const content = await archive()
  // #ifdef H5
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([content], { type: 'application/zip' }))
  link.download = ARCHIVE
  link.click()
  URL.revokeObjectURL(link.href)
  // #endif
  // #ifdef MP-WEIXIN
  const filePath = `${wx.env.USER_DATA_PATH}/${ARCHIVE}`
  wx.getFileSystemManager().writeFileSync(filePath, content)
  wx.shareFileMessage({ filePath, fileName: ARCHIVE, fail: () => undefined })
  // #endif
}
