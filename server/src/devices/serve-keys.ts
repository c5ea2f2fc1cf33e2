/**
 * What other servers are told of our users' devices and keys; nobody's private signatures and user-signing keys.
 * Spec: server-server-api#end-to-end-encryption.
 */

import { findServerName, isJsonObject, type JsonObject, jsonString, type UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { claimKeys } from './claim-keys.ts'
import type { DeviceContext } from './device-context.ts'
import { findListPosition } from './device-list-table.ts'
import { queryKeys } from './query-keys.ts'

/** JSON text of the reply to `/user/keys/query`. Users of other servers are left out. Throws M_BAD_JSON. */
export function queryKeysForServer(context: DeviceContext, body: JsonObject): Promise<string> {
  return queryKeys(context, undefined, onlyLocal(context, body, 'device_keys'))
}

/** JSON text of the reply to `/user/keys/claim`. Users of other servers are left out. Throws M_BAD_JSON. */
export function claimKeysForServer(context: DeviceContext, body: JsonObject): Promise<string> {
  return claimKeys(context, onlyLocal(context, body, 'one_time_keys'), false)
}

/** JSON text of the reply to `/user/devices`. Throws M_NOT_FOUND. */
export async function listDevicesForServer(context: DeviceContext, userId: UserId): Promise<string> {
  const server = findServerName(userId)
  const isLocal = server !== undefined && context.isLocal(server)
  const [user] = isLocal ? await context.names.find([userId]) : []
  const account = isLocal ? await context.users.findAccount(userId) : undefined
  if (user === undefined || account === undefined) throw new MatrixError('M_NOT_FOUND', `${userId} is not known here.`)
  const position = await findListPosition(context.store.reader, user)
  const keys = (await context.publicKeys.list(new Map([[user, userId]]))).get(user)!
  const names = new Map(
    (await context.users.listSessions(user)).map((one) => [one.deviceId as string, one.displayName]),
  )
  const devices = [...keys.byDevice].map(([device, text]) => {
    const name = names.get(device)
    const shown = typeof name === 'string' ? `,"device_display_name":${jsonString(name)}` : ''
    return `{"device_id":${jsonString(device)},"keys":${text}${shown}}`
  })
  const master = keys.master === undefined ? '' : `,"master_key":${keys.master}`
  const selfSigning = keys.selfSigning === undefined ? '' : `,"self_signing_key":${keys.selfSigning}`
  const head = `{"user_id":${jsonString(userId)},"stream_id":${position},"devices":[${devices.join(',')}]`
  return `${head}${master}${selfSigning}}`
}

function onlyLocal(context: DeviceContext, body: JsonObject, name: string): JsonObject {
  const asked = body[name]
  if (!isJsonObject(asked)) throw new MatrixError('M_BAD_JSON', `${name} must be an object.`)
  const local = Object.entries(asked).filter(([userId]) => {
    const server = userId.startsWith('@') ? findServerName(userId) : undefined
    return server !== undefined && context.isLocal(server)
  })
  return { [name]: Object.fromEntries(local) }
}
