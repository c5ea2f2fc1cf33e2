/**
 * What clients have of their to-device messages: hidden at once, removed later, many with one commit. No reply waits
 * for it. After a crash the token of the client's next sync says again what it has.
 */

import type { DeviceId } from '@parallax/protocol'
import type { Clock, Logger } from '../base/index.ts'
import type { Position } from '../journal/index.ts'
import type { Store } from '../store/index.ts'
import { deviceLimits } from './limits.ts'
import type { Queues } from './queues.ts'
import { removeMessages } from './to-device-table.ts'

type Acknowledged = { readonly user: number; readonly device: DeviceId; readonly upTo: Position }

export interface Acknowledgements {
  /** The client has everything up to here. */
  note(one: Acknowledged): void
  /** Up to here nothing is delivered any more, though it may not be removed yet. */
  find(user: number, device: DeviceId): Position
  /** Resolves when what was noted is removed, or could not be. Never rejects. */
  flush(): Promise<void>
}

type AcknowledgementDeps = {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly queues: Queues
}

export function createAcknowledgements({ store, clock, logger, queues }: AcknowledgementDeps): Acknowledgements {
  const noted = new Map<string, Acknowledged>()
  let isPlanned = false
  let removing = Promise.resolve()

  async function removeNoted(): Promise<void> {
    const list = [...noted]
    if (list.length === 0) return
    await store.transact((tx) => {
      for (const [, { user, device, upTo }] of list) removeMessages(tx, user, device, upTo)
    })
    for (const [name, one] of list) {
      queues.noteRemoved(one.user, one.device, one.upTo)
      if (noted.get(name) === one) noted.delete(name)
    }
  }

  /** What cannot be removed now stays hidden, and is tried again with the next. */
  function flush(): Promise<void> {
    isPlanned = false
    removing = removing.then(removeNoted).catch((error: unknown) => {
      logger.warn({ error }, 'acknowledged to-device messages were not removed')
    })
    return removing
  }

  return {
    note(one) {
      const name = nameOf(one.user, one.device)
      if ((noted.get(name)?.upTo ?? 0) >= one.upTo) return
      noted.set(name, one)
      if (noted.size === deviceLimits.acknowledgedMax) void flush()
      else if (!isPlanned) {
        isPlanned = true
        clock.schedule(deviceLimits.acknowledgedKeptMs, () => void flush())
      }
    },
    find: (user, device) => noted.get(nameOf(user, device))?.upTo ?? 0,
    flush,
  }
}

function nameOf(user: number, device: DeviceId): string {
  return `${user}/${device}`
}
