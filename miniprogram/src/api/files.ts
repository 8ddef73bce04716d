/** Papers and pictures that only their owner may fetch: the login goes along, which no plain picture address can do. */
import { AppError } from './errors'
import { bearer } from './client'
import { serverOrigin } from './transport'
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
