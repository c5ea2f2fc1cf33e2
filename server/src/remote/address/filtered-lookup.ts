/**
 * Name resolution that answers only addresses that may be reached. The socket connects to what this answers, so a name
 * that changes between check and connection gains nothing.
 */

import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { remoteLimits } from '../limits.ts'
import { RemoteError } from '../remote-error.ts'
import type { IsAddressAllowed } from './address-rules.ts'

/** Resolves a host name to all its addresses; a parameter for tests. */
export type ResolveAddresses = (
  host: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** Resolves as the operating system does. */
export const resolveAddresses: ResolveAddresses = (host, callback) => lookup(host, { all: true }, callback)

/** A `lookup` for sockets; fails with a RemoteError of kind `dns` or `blocked-address`. */
export function createFilteredLookup(isAllowed: IsAddressAllowed, resolve: ResolveAddresses): LookupFunction {
  return (host, options, callback) => {
    resolve(host, (error, addresses) => {
      if (error !== null) return callback(new RemoteError('dns', `${host} has no address: ${error.code}`), '', 0)
      const usable = addresses.filter(({ address }) => isAllowed(address)).slice(0, remoteLimits.addressesMax)
      const [first] = usable
      if (first === undefined) {
        return callback(new RemoteError('blocked-address', `${host} is at an address that is not allowed`), '', 0)
      }
      if (options.all === true) callback(null, usable)
      else callback(null, first.address, first.family)
    })
  }
}
