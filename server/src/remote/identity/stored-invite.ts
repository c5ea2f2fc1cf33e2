/**
 * What an identity server answers to an invite that it keeps.
 * Spec: identity-service-api#post_matrixidentityv2store-invite.
 */

import { isJsonObject, type JsonObject, type JsonValue } from '@parallax/protocol'
import { requireList, requireText } from '../calls/reply.ts'
import { identityLimits } from '../limits.ts'
import { RemoteError } from '../remote-error.ts'

export type PublicKeyEntry = { readonly publicKey: string; readonly validityUrl: string }

export type StoredInvite = {
  readonly token: string
  /** Part of the address, by which people know whom they invited. */
  readonly displayName: string
  /** At least one. */
  readonly publicKeys: readonly PublicKeyEntry[]
}

const tokenForm = /^[0-9a-zA-Z.=_-]{1,255}$/

/** Throws RemoteError `bad-reply`. */
export function readStoredInvite(reply: JsonObject): StoredInvite {
  const token = requireText(reply, 'token')
  const displayName = requireText(reply, 'display_name')
  const publicKeys = requireList(reply, 'public_keys', identityLimits.publicKeysMax).flatMap(readKey)
  const isRight = tokenForm.test(token) && displayName.length <= identityLimits.textMax && publicKeys.length > 0
  if (!isRight) throw new RemoteError('bad-reply', 'an identity server answered no invite that can be used')
  return { token, displayName, publicKeys }
}

function readKey(value: JsonValue): PublicKeyEntry[] {
  if (!isJsonObject(value)) return []
  const { public_key: publicKey, key_validity_url: validityUrl } = value
  if (typeof publicKey !== 'string' || typeof validityUrl !== 'string') return []
  return publicKey.length + validityUrl.length > identityLimits.textMax ? [] : [{ publicKey, validityUrl }]
}
