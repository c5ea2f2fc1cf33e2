/** Which addresses this server may connect to. What a stranger names must not lead into our own network. */

import { type AddressBytes, type IpRange, isInRange, parseAddress, parseIpRange } from '../../config/index.ts'

export type AddressConfig = {
  /** Loopback and private networks may be reached. */
  readonly allowPrivateNetworks: boolean
  /** Ranges that may be reached though they are on the built-in list. */
  readonly allowRanges: readonly string[]
  /** Ranges that may never be reached; stronger than the others. */
  readonly denyRanges: readonly string[]
}

export type IsAddressAllowed = (address: string) => boolean

/** Networks that `allowPrivateNetworks` opens. */
const privateRanges = [
  '10.0.0.0/8',
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
]

/** Networks that no server on the internet has. IANA's special-purpose registries; NAT64 is looked through instead. */
const specialRanges = [
  '0.0.0.0/8',
  '169.254.0.0/16', // link-local; cloud metadata
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24', // 6to4 relays
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
  '::/128',
  '::/96', // IPv4-compatible, obsolete
  '::ffff:0:0:0/96', // IPv4-translated
  '64:ff9b:1::/48', // local NAT64
  '100::/64', // discard
  '2001::/23', // Teredo, ORCHID and others
  '2001:db8::/32',
  '2002::/16', // 6to4
  '3fff::/20',
  '5f00::/16',
  'fe80::/10', // link-local
  'fec0::/10', // site-local, obsolete
  'ff00::/8', // multicast
]

const nat64 = parseIpRange('64:ff9b::/96')!
const mapped = parseIpRange('::ffff:0:0/96')!

/** Answers for an address whether it may be connected to; false for what is no address. */
export function createAddressRules(config: AddressConfig): IsAddressAllowed {
  const denied = config.denyRanges.map(requireRange)
  const allowed = [...config.allowRanges, ...(config.allowPrivateNetworks ? privateRanges : [])].map(requireRange)
  const builtIn = [...specialRanges, ...privateRanges].map(requireRange)
  const has = (ranges: readonly IpRange[], address: AddressBytes) => ranges.some((range) => isInRange(range, address))
  return (text) => {
    const given = parseAddress(text)
    if (given === undefined) return false
    const address = lookThrough(given)
    return !has(denied, address) && !has(denied, given) && (has(allowed, address) || !has(builtIn, address))
  }
}

/** The IPv4 address, in its mapped form, that a NAT64 gateway would connect to; else the address itself. */
function lookThrough(address: AddressBytes): AddressBytes {
  if (!isInRange(nat64, address)) return address
  return Uint8Array.from([...mapped.address.subarray(0, 12), ...address.subarray(12)])
}

function requireRange(text: string): IpRange {
  const range = parseIpRange(text)
  if (range === undefined) throw new RangeError(`${text} is not a range of addresses`)
  return range
}
