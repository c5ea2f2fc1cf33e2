/** How many keys of a device are left, for every sync: from memory while nothing changes. */

import type { DeviceId } from '@parallax/protocol'
import type { DeviceContext } from './device-context.ts'
import type { KeyCounts } from './devices.ts'
import { listFallbackKeys, listKeyCounts } from './one-time-key-table.ts'

/** JSON texts of the counts by algorithm, and of the algorithms whose fallback key is not used yet. */
export async function findKeyCounts(context: DeviceContext, user: number, device: DeviceId): Promise<KeyCounts> {
  const name = `${user}/${device}`
  const known = context.keyCounts.get(name)
  if (known !== undefined) return known
  const before = context.changes.count
  const { reader } = context.store
  const counts = await listKeyCounts(reader, user, device)
  const fallbacks = await listFallbackKeys(reader, user, device)
  const unused = fallbacks.filter(({ is_used }) => is_used === 0).map(({ algorithm }) => algorithm)
  const byAlgorithm = Object.fromEntries(counts.map(({ algorithm, count }) => [algorithm, count]))
  const found = {
    oneTimeKeys: JSON.stringify({ signed_curve25519: 0, ...byAlgorithm }),
    unusedFallbacks: JSON.stringify(unused),
  }
  if (context.changes.count === before) context.keyCounts.set(name, found)
  return found
}
