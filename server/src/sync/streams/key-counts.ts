/**
 * How many one-time keys a device has left, and which fallback keys are unused.
 * Spec: client-server-api#e2e-extensions-to-sync.
 */

import { Lru } from '../../base/index.ts'
import type { JournalRecord } from '../../journal/index.ts'
import { syncLimits } from '../limits.ts'
import type { SyncCaller } from '../sync.ts'
import type { SyncDeps } from '../sync-deps.ts'

export interface KeyCountStream {
  /** Members of the reply's object, as text; empty for callers without a device. */
  read(caller: SyncCaller): Promise<string>
  onRecords(records: readonly JournalRecord[]): void
}

/** From memory until the keys change. */
export function createKeyCountStream({ devices }: Pick<SyncDeps, 'devices'>): KeyCountStream {
  const byDevice = new Lru<string, string>(syncLimits.keyCountsMax)
  let version = 0
  return {
    async read({ user, deviceId }) {
      if (deviceId === undefined) return ''
      const key = `${user} ${deviceId}`
      const known = byDevice.get(key)
      if (known !== undefined) return known
      const before = version
      const { oneTimeKeys, unusedFallbacks } = await devices.findKeyCounts(user, deviceId)
      const text =
        `"device_one_time_keys_count":${oneTimeKeys},"device_unused_fallback_key_types":${unusedFallbacks},` +
        `"org.matrix.msc2732.device_unused_fallback_key_types":${unusedFallbacks}`
      if (before === version) byDevice.set(key, text)
      return text
    },
    onRecords(records) {
      for (const { entry } of records) {
        if (entry.kind === 'one-time-keys') {
          version++
          byDevice.delete(`${entry.user} ${entry.device}`)
        } else if (entry.kind === 'session-ended' && entry.device !== null) {
          byDevice.delete(`${entry.user} ${entry.device}`)
        }
      }
    },
  }
}
