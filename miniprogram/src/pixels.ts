/** How large a picture must be, in dots: said in words, and checked before it is sent. */
import type { Pixels } from '@/api/schema'
import { t } from '@/i18n'

const INFINITE = Number.POSITIVE_INFINITY

export const dotsText = (width: number, height: number): string => t('catalogue.pixels.dots', { width, height })

export function pixelsText(asked: Pixels): string {
  const least = dotsText(asked.least_width ?? 0, asked.least_height ?? 0)
  const most = dotsText(asked.most_width ?? 0, asked.most_height ?? 0)
  if (least === most) return t('catalogue.pixels.exact', { size: least })
  if (!asked.most_width) return t('catalogue.pixels.least', { size: least })
  if (!asked.least_width) return t('catalogue.pixels.most', { size: most })
  return t('catalogue.pixels.between', { least, most })
}

export function pixelsFit(asked: Pixels, width: number, height: number): boolean {
  const wide = (asked.least_width ?? 0) <= width && width <= (asked.most_width ?? INFINITE)
  return wide && (asked.least_height ?? 0) <= height && height <= (asked.most_height ?? INFINITE)
}
