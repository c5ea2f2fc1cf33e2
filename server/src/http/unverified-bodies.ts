/**
 * Bodies of requests of which it is not proven yet which server sent them: a signature covers the body, so it has to be
 * read first. What they hold of the memory is bounded, for each address and for all.
 */

import { MatrixError } from '../base/index.ts'
import { httpLimits } from './limits.ts'

/** One body on its way; `close` when it is proven, or refused. */
export interface HeldBody {
  /** Throws M_LIMIT_EXCEEDED if it would be too much. */
  readonly add: (bytes: number) => void
  close(): void
}

export interface UnverifiedBodies {
  open(address: string): HeldBody
  /** Bytes that are held. */
  readonly size: number
}

/** No bodies yet. */
export function createUnverifiedBodies(
  bytesMax: number = httpLimits.unverifiedBytesMax,
  perAddressMax: number = httpLimits.unverifiedBytesPerAddressMax,
): UnverifiedBodies {
  const byAddress = new Map<string, number>()
  let size = 0
  const change = (address: string, by: number): void => {
    size += by
    const held = (byAddress.get(address) ?? 0) + by
    if (held === 0) byAddress.delete(address)
    else byAddress.set(address, held)
  }
  return {
    get size() {
      return size
    },
    open(address) {
      let own = 0
      return {
        add(bytes) {
          if (size + bytes > bytesMax || (byAddress.get(address) ?? 0) + bytes > perAddressMax) {
            throw new MatrixError('M_LIMIT_EXCEEDED', 'Too much is sent at once.', { retry_after_ms: 1000 })
          }
          own += bytes
          change(address, bytes)
        },
        close() {
          change(address, -own)
          own = 0
        },
      }
    },
  }
}
