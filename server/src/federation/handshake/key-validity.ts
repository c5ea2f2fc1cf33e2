/**
 * Whether the identity server still stands by the key with which it proved a third-party invite.
 * Spec: client-server-api#third-party-invites, identity-service-api#get_matrixidentityv2pubkeyisvalid.
 */

import { isJsonObject, type JsonObject, signedJsonText, verifyText } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { type IdentityServers, type PublicKeyEntry, RemoteError } from '../../remote/index.ts'
import { federationLimits } from '../limits.ts'

/**
 * `invite`: content of the third-party invite. Throws MatrixError M_FORBIDDEN if no key that signed is known to be
 * valid still. Asked on the inviting side alone: everybody else must judge alike, so they judge by the signature.
 */
export async function requireValidKey(
  identity: Pick<IdentityServers, 'isKeyValid'>,
  invite: JsonObject,
  signed: JsonObject,
): Promise<void> {
  const text = signedJsonText(signed)
  const signatures = signaturesOf(signed)
  const signing = keysOf(invite).filter(({ publicKey }) =>
    signatures.some((signature) => verifyText(publicKey, signature, text)),
  )
  for (const key of signing) if (await isValid(identity, key)) return
  throw new MatrixError('M_FORBIDDEN', 'The identity server does not vouch for this invite any more.')
}

async function isValid(identity: Pick<IdentityServers, 'isKeyValid'>, key: PublicKeyEntry): Promise<boolean> {
  // A room may name none: then the signature is enough.
  if (key.validityUrl === '') return true
  try {
    return await identity.isKeyValid(key)
  } catch (error) {
    if (error instanceof RemoteError) return false
    throw error
  }
}

function keysOf(invite: JsonObject): PublicKeyEntry[] {
  const entries = [...(Array.isArray(invite.public_keys) ? invite.public_keys : []), invite]
  const found = new Map<string, PublicKeyEntry>()
  for (const entry of entries.slice(0, federationLimits.inviteKeysMax)) {
    if (!isJsonObject(entry) || typeof entry.public_key !== 'string') continue
    const { public_key: publicKey, key_validity_url: url } = entry
    found.set(publicKey, { publicKey, validityUrl: typeof url === 'string' ? url : '' })
  }
  return [...found.values()]
}

function signaturesOf({ signatures }: JsonObject): string[] {
  if (!isJsonObject(signatures)) return []
  return Object.values(signatures)
    .flatMap((byKey) => (isJsonObject(byKey) ? Object.values(byKey) : []))
    .filter((signature) => typeof signature === 'string')
    .slice(0, federationLimits.inviteKeysMax)
}
