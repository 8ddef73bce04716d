/** A browser's eyes: reads QR codes from its camera or from a picture. jsQR is fetched only where the browser has no reader. */

type Reader = (source: HTMLVideoElement | ImageBitmap) => Promise<string | null>

interface Detector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>
}

declare global {
  interface Window {
    BarcodeDetector?: { new (options: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> }
  }
}

const LONGEST_SIDE = 1024
const PAUSE = 150

async function ownReader(): Promise<Reader | null> {
  const formats: string[] | undefined = await window.BarcodeDetector?.getSupportedFormats().catch(() => [])
  if (!window.BarcodeDetector || !formats?.includes('qr_code')) return null
  const detector = new window.BarcodeDetector({ formats: ['qr_code'] })
  return async (source) => (await detector.detect(source))[0]?.rawValue ?? null
}

async function fetchedReader(): Promise<Reader> {
  const { default: jsQR } = await import('jsqr')
  const canvas = document.createElement('canvas')
  return async (source) => {
    const [width, height] = source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.width, source.height]
    const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height, 1))
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
    const pen = canvas.getContext('2d', { willReadFrequently: true })
    if (!pen || canvas.width === 0) return null
    pen.drawImage(source, 0, 0, canvas.width, canvas.height)
    const pixels = pen.getImageData(0, 0, canvas.width, canvas.height)
    return jsQR(pixels.data, pixels.width, pixels.height)?.data || null
  }
}

let reader: Promise<Reader> | null = null
const readerOnce = (): Promise<Reader> => (reader ??= ownReader().then((own) => own ?? fetchedReader()))

export interface Watching {
  stop(): void
}

/** Put the camera's picture into `frame` and say what it reads. Rejects when there is no camera or it is not allowed. */
export async function watchCamera(frame: HTMLElement, found: (text: string) => void): Promise<Watching> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
  const video = document.createElement('video')
  video.setAttribute('playsinline', '')
  video.muted = true
  video.style.cssText = 'display:block;width:100%'
  video.srcObject = stream
  frame.replaceChildren(video)
  let over = false
  const stop = (): void => {
    over = true
    for (const track of stream.getTracks()) track.stop()
    video.remove()
  }
  await video.play()
  const read = await readerOnce()
  const look = async (): Promise<void> => {
    if (over) return
    const text = await read(video).catch(() => null)
    if (over) return
    if (text) return found(text)
    setTimeout(() => void look(), PAUSE)
  }
  void look()
  return { stop }
}

/** What the code in a chosen picture says, or null. */
export async function readPicture(picture: Blob): Promise<string | null> {
  const [read, bitmap] = await Promise.all([readerOnce(), createImageBitmap(picture)])
  return read(bitmap)
}
