/** E-mail addresses as users write them. */

const form = /^[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,251}[\p{L}\p{N}])?$/u

/** In small letters, as servers compare them; undefined: it is none. Nothing in it can break a header. */
export function parseAddress(text: string): string | undefined {
  const address = text.trim().toLowerCase()
  const isOne = form.test(address) && Buffer.byteLength(address) <= 254 && !address.includes('..')
  return isOne ? address : undefined
}
