/** IP addresses and ranges in CIDR notation as bytes; IPv4 counts as `::ffff:0:0/96`. */

import { isIP } from 'node:net'

/** An address in 16 bytes. */
export type AddressBytes = Uint8Array

export type IpRange = { readonly address: AddressBytes; readonly bits: number }

const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

/** The bytes of an address; undefined if the text is none, or names a zone. */
export function parseAddress(text: string): AddressBytes | undefined {
  const family = isIP(text)
  if (family === 4) return Uint8Array.from([...mappedPrefix, ...text.split('.').map(Number)])
  return family === 6 && !text.includes('%') ? parseSixteen(text) : undefined
}

/** `10.0.0.0/8`, `fd00::/8` or a single address; undefined if it is none of these. */
export function parseIpRange(text: string): IpRange | undefined {
  const [head = '', length, ...more] = text.trim().split('/')
  const address = parseAddress(head)
  if (address === undefined || more.length > 0) return undefined
  const bitsMax = isIP(head) === 4 ? 32 : 128
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined
  const bits = length === undefined ? bitsMax : Number(length)
  return bits <= bitsMax ? { address, bits: bits + 128 - bitsMax } : undefined
}

/** True if the address is in the range. */
export function isInRange({ address, bits }: IpRange, candidate: AddressBytes): boolean {
  const whole = bits >> 3
  for (let at = 0; at < whole; at++) if (address[at] !== candidate[at]) return false
  const rest = bits & 7
  return rest === 0 || (address[whole]! ^ candidate[whole]!) >> (8 - rest) === 0
}

function parseSixteen(text: string): AddressBytes {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text)
  const pair = (high: number) => ((Number(dotted![high]) << 8) | Number(dotted![high + 1])).toString(16)
  const plain = dotted === null ? text : `${dotted[1]}${pair(2)}:${pair(4)}`
  const [head = '', tail] = plain.split('::')
  const before = groupsOf(head)
  const after = tail === undefined ? [] : groupsOf(tail)
  const groups = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}
