/** White letters on a given colour: the colour is darkened until they can be read (contrast 4.5 : 1). */
const LEAST = 4.5

function luminance(rgb: number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((part) => {
    const share = part / 255
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

export const contrastWithWhite = (rgb: number[]): number => 1.05 / (luminance(rgb) + 0.05)

export function underWhite(colour: string): string {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour)
  if (!hex) return 'var(--blue)'
  let rgb = hex.slice(1).map((part) => parseInt(part, 16))
  while (contrastWithWhite(rgb) < LEAST) rgb = rgb.map((part) => Math.floor(part * 0.95))
  return `rgb(${rgb.join(',')})`
}
