/** Base64 without padding, in the standard and the URL-safe alphabet. Spec: appendices#unpadded-base64. */

const standardDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const urlDigits = `${standardDigits.slice(0, 62)}-_`
const invalid = 255
const values = buildValues()

/** The bytes in the standard alphabet, without padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return encode(bytes, standardDigits)
}

/** The bytes in the URL-safe alphabet, without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encode(bytes, urlDigits)
}

/** The bytes that a text in either alphabet stands for, padded or not; undefined: it is not base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const end = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length
  if (end % 4 === 1 || (end !== text.length && text.length % 4 !== 0)) return undefined
  const bytes = new Uint8Array(Math.floor((end * 3) / 4))
  let at = 0
  let bits = 0
  let held = 0
  for (let index = 0; index < end; index += 1) {
    const unit = text.charCodeAt(index)
    const value = unit < 128 ? values[unit]! : invalid
    if (value === invalid) return undefined
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = (held >>> bits) & 0xff
  }
  return bytes
}

function encode(bytes: Uint8Array, digits: string): string {
  let text = ''
  const whole = bytes.length - (bytes.length % 3)
  for (let index = 0; index < whole; index += 3) {
    const triple = (bytes[index]! << 16) | (bytes[index + 1]! << 8) | bytes[index + 2]!
    text += digits[triple >>> 18]! + digits[(triple >>> 12) & 63]! + digits[(triple >>> 6) & 63]! + digits[triple & 63]!
  }
  if (bytes.length - whole === 1) {
    const last = bytes[whole]!
    text += digits[last >>> 2]! + digits[(last & 3) << 4]!
  } else if (bytes.length - whole === 2) {
    const last = (bytes[whole]! << 8) | bytes[whole + 1]!
    text += digits[last >>> 10]! + digits[(last >>> 4) & 63]! + digits[(last & 15) << 2]!
  }
  return text
}

function buildValues(): Uint8Array {
  const table = new Uint8Array(128).fill(invalid)
  for (let value = 0; value < 64; value += 1) {
    table[standardDigits.charCodeAt(value)] = value
    table[urlDigits.charCodeAt(value)] = value
  }
  return table
}
