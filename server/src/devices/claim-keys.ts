/** Claiming one-time keys: each is handed out once. Spec: client-server-api#post_matrixclientv3keysclaim. */

import {
  findServerName,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonString,
  type ServerName,
  type UserId,
} from '@parallax/protocol'
import { announceKeyCounts, badParameter, badShape, type DeviceContext } from './device-context.ts'
import { deviceLimits } from './limits.ts'
import {
  type IssuedKey,
  type KeyPlace,
  listFallbackKeys,
  listKeyCounts,
  markFallbackUsed,
  takeOneTimeKey,
} from './one-time-key-table.ts'
import { type AskedElsewhere, claimElsewhere } from './remote-keys.ts'

type Claim = KeyPlace & { readonly userId: string; key: IssuedKey | undefined }

/**
 * JSON text of the reply; `withFailures`: it tells of servers that could not be asked. Devices without any key left are
 * missing in it. Throws M_BAD_JSON, M_INVALID_PARAM.
 */
export async function claimKeys(context: DeviceContext, body: JsonObject, withFailures = true): Promise<string> {
  const { asked, remote } = parseClaims(context, body)
  const numbers = await context.names.find([...new Set(asked.map(({ userId }) => userId))])
  const byId = new Map([...new Set(asked.map(({ userId }) => userId))].map((userId, index) => [userId, numbers[index]]))
  const claims: Claim[] = []
  for (const one of asked) {
    const user = byId.get(one.userId)
    if (user !== undefined) claims.push({ ...one, user, key: undefined })
  }
  if (claims.length > 0) await takeAll(context, claims)
  const missing = claims.filter(({ key }) => key === undefined)
  if (missing.length > 0) await takeFallbacks(context, missing)
  const elsewhere = await claimElsewhere(context, withFailures ? remote : new Map())
  const others = elsewhere.replies.flatMap((reply) => Object.entries(reply.one_time_keys as JsonObject))
  const failures = withFailures ? `,"failures":${JSON.stringify(elsewhere.failures)}` : ''
  return `{"one_time_keys":${keysText(claims, others)}${failures}}`
}

type Asked = { readonly userId: UserId; readonly device: string; readonly algorithm: string }

function parseClaims(context: DeviceContext, body: JsonObject): { asked: Asked[]; remote: AskedElsewhere } {
  const { one_time_keys: wanted } = body
  if (!isJsonObject(wanted)) throw badShape('one_time_keys must be an object.')
  const asked: Asked[] = []
  const remote = new Map<ServerName, Record<string, JsonValue>>()
  for (const [userId, devices] of Object.entries(wanted)) {
    const server = userId.startsWith('@') ? findServerName(userId) : undefined
    if (server === undefined) throw badParameter(`${userId.slice(0, 255)} is no user ID.`)
    if (!isJsonObject(devices)) throw badShape('The devices of a user must be an object.')
    if (!context.isLocal(server)) remote.set(server, { ...remote.get(server), [userId]: devices })
    for (const [device, algorithm] of Object.entries(devices)) {
      if (typeof algorithm !== 'string') throw badShape('An algorithm must be a string.')
      if (context.isLocal(server)) asked.push({ userId: userId as UserId, device, algorithm })
    }
  }
  if (asked.length > deviceLimits.claimedDevicesMax) throw badParameter('Too many devices in one claim.')
  return { asked, remote }
}

async function takeAll(context: DeviceContext, claims: readonly Claim[]): Promise<void> {
  let open = claims
  for (let round = 0; open.length > 0 && round < deviceLimits.claimTriesMax; round += 1) {
    const taken = await context.store.transact((tx) => open.map((claim) => takeOneTimeKey(tx, claim)))
    for (const [index, claim] of open.entries()) {
      claim.key = taken[index]!.rows[0]
      if (claim.key !== undefined) announceKeyCounts(context, claim.user, claim.device)
    }
    // Where other processes claim too, they may have taken the key that this one had its eye on.
    open = context.store.engine === 'sqlite' ? [] : await listTakenAway(context, open)
  }
}

async function listTakenAway(context: DeviceContext, claims: readonly Claim[]): Promise<Claim[]> {
  const open: Claim[] = []
  for (const claim of claims) {
    if (claim.key !== undefined) continue
    const counts = await listKeyCounts(context.store.reader, claim.user, claim.device)
    if (counts.some(({ algorithm }) => algorithm === claim.algorithm)) open.push(claim)
  }
  return open
}

/** Fallback keys stay, but are marked as used. */
async function takeFallbacks(context: DeviceContext, claims: readonly Claim[]): Promise<void> {
  const fresh: Claim[] = []
  for (const claim of claims) {
    const keys = await listFallbackKeys(context.store.reader, claim.user, claim.device)
    const found = keys.find(({ algorithm }) => algorithm === claim.algorithm)
    claim.key = found
    if (found?.is_used === 0) fresh.push(claim)
  }
  if (fresh.length === 0) return
  await context.store.transact((tx) => {
    for (const claim of fresh) markFallbackUsed(tx, claim, claim.key!.key_id)
  })
  for (const { user, device } of fresh) announceKeyCounts(context, user, device)
}

function keysText(claims: readonly Claim[], others: readonly [userId: string, keys: JsonValue | undefined][]): string {
  const byUser = Map.groupBy(
    claims.filter(({ key }) => key !== undefined),
    ({ userId }) => userId,
  )
  const users: string[] = []
  for (const [userId, taken] of byUser) {
    const devices = taken.map(({ device, algorithm, key }) => {
      return `${jsonString(device)}:{${jsonString(`${algorithm}:${key!.key_id}`)}:${key!.content}}`
    })
    users.push(`${jsonString(userId)}:{${devices.join(',')}}`)
  }
  for (const [userId, keys] of others) users.push(`${jsonString(userId)}:${JSON.stringify(keys)}`)
  return `{${users.join(',')}}`
}
