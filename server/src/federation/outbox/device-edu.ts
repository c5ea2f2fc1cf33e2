/** What a server is told when a user's devices changed. Spec: server-server-api#device-management. */

import {
  buildEdu,
  type DeviceId,
  type JsonObject,
  type ServerName,
  serverNameOf,
  type UserId,
} from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { OutboxDeps, OwnEdu } from './outbox-deps.ts'
import type { OwedUser } from './outbox-table.ts'

/** `stream_id`: when it last changed; 0: never. */
type ListAsTold = { readonly stream_id: number; readonly devices: readonly DeviceAsTold[] }

type DeviceAsTold = {
  readonly device_id: DeviceId
  readonly device_display_name?: string
  readonly keys: JsonObject
}

export type DeviceEdu = OwnEdu & {
  /** True if the user never had keys: nobody encrypts for it, so that it can be told with whatever is told next. */
  readonly mayWait: boolean
}

/**
 * That something about the user's devices changed: with a number before it that nobody was told of, so that whoever
 * hears it asks for all devices, keys for signing included. Which of them is named does not matter. Undefined: the
 * server shares no room with the user any more, or the account is gone.
 */
export async function findDeviceEdu(
  deps: OutboxDeps,
  server: ServerName,
  { user, position }: OwedUser,
): Promise<DeviceEdu | undefined> {
  const [userId] = (await deps.names.texts([user])) as [UserId]
  if (!(await deps.audience.listSharing(user)).has(server)) return undefined
  const list = await findList(deps, userId)
  if (list === undefined) return undefined
  const [device] = list.devices
  const [session] = device === undefined ? await deps.devices.listDevices(user) : []
  const edu = buildEdu({
    kind: 'device-list',
    userId,
    deviceId: device?.device_id ?? ((session?.device_id ?? 'NONE') as DeviceId),
    streamId: 2 * position,
    prevIds: [2 * position - 1],
    isDeleted: device === undefined && session === undefined,
    displayName: device?.device_display_name,
    keys: device?.keys,
  })
  return { origin: serverNameOf(userId), edu, mayWait: list.stream_id === 0 }
}

async function findList({ devices }: OutboxDeps, userId: UserId): Promise<ListAsTold | undefined> {
  try {
    return JSON.parse(await devices.listDevicesForServer(userId)) as ListAsTold
  } catch (error) {
    if (error instanceof MatrixError && error.errcode === 'M_NOT_FOUND') return undefined
    throw error
  }
}
