/** Cuts a text where the search hit it. `highlights` are [start, length] pairs, in order. */
export interface Piece {
  text: string
  hit: boolean
}

export function marked(text: string, highlights: number[][]): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const [start = 0, length = 0] of highlights) {
    if (start < at || length <= 0) continue
    if (start > at) pieces.push({ text: text.slice(at, start), hit: false })
    pieces.push({ text: text.slice(start, start + length), hit: true })
    at = start + length
  }
  if (at < text.length) pieces.push({ text: text.slice(at), hit: false })
  return pieces
}
