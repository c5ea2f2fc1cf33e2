/** Reading of `m.room.third_party_invite`. Spec: client-server-api#mroomthird_party_invite. */

import { isJsonObject, type JsonObject } from '../../json/json.ts'

export type ThirdPartyInvite = {
  readonly displayName: string | undefined
  /** Base64 in either alphabet; `public_key` first, no duplicates, at most `publicKeysMax`. */
  readonly publicKeys: readonly string[]
}

const publicKeysMax = 32

/** The content as the rest of the code reads it; what is malformed counts as absent. Never throws. */
export function readThirdPartyInvite(content: JsonObject): ThirdPartyInvite {
  const keys = new Set<string>()
  if (typeof content.public_key === 'string') keys.add(content.public_key)
  for (const entry of Array.isArray(content.public_keys) ? content.public_keys : []) {
    if (keys.size >= publicKeysMax) break
    if (isJsonObject(entry) && typeof entry.public_key === 'string') keys.add(entry.public_key)
  }
  const { display_name: displayName } = content
  return { displayName: typeof displayName === 'string' ? displayName : undefined, publicKeys: [...keys] }
}
