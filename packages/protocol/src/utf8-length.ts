/** Lengths in bytes: the specification's limits count UTF-8, not characters. */

/** The number of bytes of a text in UTF-8; a lone surrogate counts as three. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) continue
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff && isPaired(text, index)) ? 1 : 2
  }
  return bytes
}

/** True if the text has at most `bytesMax` bytes in UTF-8; fast where the number of characters decides. */
export function fitsBytes(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return true
  return text.length <= bytesMax && utf8Length(text) <= bytesMax
}

/** True if the text has at most so many code points; reads no more of it than it must. */
export function fitsCharacters(text: string, charactersMax: number): boolean {
  if (text.length <= charactersMax) return true
  return text.length <= 2 * charactersMax && [...text].length <= charactersMax
}

/** A surrogate pair is two units and four bytes, so each half adds one. */
function isPaired(text: string, index: number): boolean {
  const unit = text.charCodeAt(index)
  if (unit <= 0xdbff) return isLow(text.charCodeAt(index + 1))
  return isHigh(text.charCodeAt(index - 1))
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
