/**
 * The public keys of users as `/keys/query` shows them: JSON text, built once and spliced into replies until something
 * of the user's changes. Spec: client-server-api#post_matrixclientv3keysquery.
 */

import { isJsonObject, type JsonObject, jsonString, type UserId } from '@parallax/protocol'
import { Lru } from '../base/index.ts'
import { type CrossSigningRow, listCrossSigning, listOwnSignatures, type SignatureRow } from './cross-signing-table.ts'
import { type DeviceKeyRow, listDeviceKeys } from './device-key-table.ts'
import type { DevicesDeps } from './devices-deps.ts'
import { deviceLimits } from './limits.ts'

/** All texts are JSON, as anyone may see them unless it is said otherwise. */
export type UserKeys = {
  /** `"@user:server":` */
  readonly label: string
  /** `{"DEVICE":{…}}` */
  readonly devices: string
  readonly byDevice: ReadonlyMap<string, string>
  readonly master: string | undefined
  /** Public part of the master key. */
  readonly masterId: string | undefined
  readonly selfSigning: string | undefined
  /** Only for the user. */
  readonly userSigning: string | undefined
}

export interface PublicKeys {
  /** Those of the users that are known, by number. */
  list(users: ReadonlyMap<number, UserId>): Promise<ReadonlyMap<number, UserKeys>>
  /** The user's keys in memory, if they are there. */
  peek(user: number): UserKeys | undefined
  forget(user: number): void
}

export function createPublicKeys({ store, users }: DevicesDeps): PublicKeys {
  const cached = new Lru<number, UserKeys>(deviceLimits.cachedKeysCharsMax)
  let changes = 0

  async function load(wanted: ReadonlyMap<number, UserId>): Promise<Map<number, UserKeys>> {
    const before = changes
    const numbers = [...wanted.keys()]
    const { reader } = store
    const [devices, crossSigning, signatures] = await Promise.all([
      listDeviceKeys(reader, numbers),
      listCrossSigning(reader, numbers),
      listOwnSignatures(reader, numbers),
    ])
    const rows = { devices: groupByUser(devices), crossSigning: groupByUser(crossSigning) }
    const signed = groupByUser(signatures)
    const found = new Map<number, UserKeys>()
    for (const [user, userId] of wanted) {
      const own = rows.devices.get(user) ?? []
      const names = own.length === 0 ? [] : await users.listSessions(user)
      const keys = buildUserKeys(userId, {
        devices: own,
        crossSigning: rows.crossSigning.get(user) ?? [],
        signatures: signed.get(user) ?? [],
        names: new Map(names.map(({ deviceId, displayName }) => [deviceId as string, displayName])),
      })
      found.set(user, keys)
      if (changes === before) cached.set(user, keys, keys.devices.length * 2 + (keys.master?.length ?? 0) * 3 + 200)
    }
    return found
  }

  return {
    peek: (user) => cached.get(user),
    forget(user) {
      changes += 1
      cached.delete(user)
    },
    async list(wanted) {
      const missing = new Map<number, UserId>()
      const found = new Map<number, UserKeys>()
      for (const [user, userId] of wanted) {
        const known = cached.get(user)
        if (known === undefined) missing.set(user, userId)
        else found.set(user, known)
      }
      if (missing.size > 0) for (const [user, keys] of await load(missing)) found.set(user, keys)
      return found
    },
  }
}

function groupByUser<R extends { readonly user: number }>(rows: readonly R[]): Map<number, R[]> {
  return Map.groupBy(rows, (row) => row.user)
}

type Parts = {
  readonly devices: readonly DeviceKeyRow[]
  readonly crossSigning: readonly CrossSigningRow[]
  readonly signatures: readonly SignatureRow[]
  readonly names: ReadonlyMap<string, string | null>
}

function buildUserKeys(userId: UserId, { devices, crossSigning, signatures, names }: Parts): UserKeys {
  const byDevice = new Map<string, string>()
  for (const { device, keys } of devices) {
    const name = names.get(device)
    const shown = addSignatures(JSON.parse(keys), userId, signatures, device)
    byDevice.set(device, JSON.stringify(name ? { ...shown, unsigned: { device_display_name: name } } : shown))
  }
  const find = (usage: string): JsonObject | undefined => {
    const row = crossSigning.find((one) => one.usage === usage)
    return row && JSON.parse(row.content)
  }
  const master = find('master')
  const masterId = master && publicPartOf(master)
  const text = (key: JsonObject | undefined, target = ''): string | undefined =>
    key && JSON.stringify(addSignatures(key, userId, signatures, target))
  return {
    label: `${jsonString(userId)}:`,
    devices: `{${[...byDevice].map(([device, keys]) => `${jsonString(device)}:${keys}`).join(',')}}`,
    byDevice,
    master: text(master, masterId),
    masterId,
    selfSigning: text(find('self_signing')),
    userSigning: text(find('user_signing')),
  }
}

/** The object with the user's own signatures only, those that were added later among them. */
function addSignatures(
  object: JsonObject,
  userId: UserId,
  signatures: readonly SignatureRow[],
  target: string,
): JsonObject {
  const given = isJsonObject(object.signatures) ? object.signatures[userId] : undefined
  const own = new Map(isJsonObject(given) ? Object.entries(given) : [])
  for (const row of signatures) if (row.target === target) own.set(row.keyId, row.signature)
  const { signatures: _, ...rest } = object
  if (own.size > 0) return { ...rest, signatures: { [userId]: Object.fromEntries(own) } }
  return object.signatures === undefined ? rest : { ...rest, signatures: {} }
}

/** The public part of a cross-signing key; undefined: it has none. */
export function publicPartOf(key: JsonObject): string | undefined {
  const [part] = isJsonObject(key.keys) ? Object.values(key.keys) : []
  return typeof part === 'string' ? part : undefined
}
