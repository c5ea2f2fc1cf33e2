/** What the parts of the devices component share. */

import type { DeviceId } from '@parallax/protocol'
import { createKeyedQueue, type KeyedQueue, Lru, MatrixError } from '../base/index.ts'
import type { Position } from '../journal/index.ts'
import type { Writer } from '../store/index.ts'
import { listDehydrated } from './dehydrated-table.ts'
import { upsertDeviceList } from './device-list-table.ts'
import type { KeyCounts } from './devices.ts'
import type { DevicesDeps } from './devices-deps.ts'
import { deviceLimits } from './limits.ts'
import { createPublicKeys, type PublicKeys } from './public-keys.ts'
import { Queues } from './queues.ts'
import { removeQueues } from './to-device-table.ts'

export type DeviceContext = DevicesDeps & {
  readonly publicKeys: PublicKeys
  readonly queues: Queues
  readonly keyCounts: Lru<string, KeyCounts>
  /** One turn per user for what is read, changed and written. */
  readonly turns: KeyedQueue<number>
  /** The newest position at which any list of devices changed; undefined before it was asked for. */
  readonly lists: { lastPosition: Position | undefined }
  /** Grows with every change: what was read before must not be remembered after. */
  readonly changes: { count: number }
}

export function createContext(deps: DevicesDeps): DeviceContext {
  return {
    ...deps,
    publicKeys: createPublicKeys(deps),
    queues: new Queues(deps.store.reader),
    keyCounts: new Lru<string, KeyCounts>(deviceLimits.keyCountsCachedMax),
    turns: createKeyedQueue<number>(),
    lists: { lastPosition: undefined },
    changes: { count: 0 },
  }
}

/** With the transaction: those who share rooms with the user are told that its devices or keys changed. */
export function markChanged(context: DeviceContext, tx: Writer, user: number): Position {
  const position = context.journal.append(tx, { kind: 'device-list', user })
  upsertDeviceList(tx, user, position)
  tx.onCommitted(() => {
    context.publicKeys.forget(user)
    context.lists.lastPosition = Math.max(context.lists.lastPosition ?? 0, position)
  })
  return position
}

/** With the transaction: no message waits for these devices any more. */
export function dropQueues({ queues }: DeviceContext, tx: Writer, user: number, devices: readonly DeviceId[]): void {
  removeQueues(tx, user, devices)
  tx.onCommitted(() => queues.forget(user, devices))
}

/** The counts of a device's keys changed: its client is told with the next sync, which is woken. */
export function announceKeyCounts(context: DeviceContext, user: number, device: string): void {
  context.changes.count += 1
  context.keyCounts.delete(`${user}/${device}`)
  context.journal.announce({ kind: 'one-time-keys', user, device })
}

/** All devices to which messages can be sent, by user: those logged in and dehydrated ones. */
export async function listAllDevices(
  context: DeviceContext,
  users: readonly number[],
): Promise<ReadonlyMap<number, readonly DeviceId[]>> {
  const found = await context.users.listDeviceIds(users)
  if (context.config.dehydratedDevices !== true) return found
  const all = new Map(found)
  for (const [user, device] of await listDehydrated(context.store.reader, users)) {
    all.set(user, [...(all.get(user) ?? []), device])
  }
  return all
}

/** A value that the request must not hold. */
export function badParameter(message: string): MatrixError {
  return new MatrixError('M_INVALID_PARAM', message)
}

/** A body that is not of the shape that is asked for. */
export function badShape(message: string): MatrixError {
  return new MatrixError('M_BAD_JSON', message)
}
