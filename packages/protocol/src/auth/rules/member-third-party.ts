/** Rules 5.3.1 (v1–5), 4.3.1 (v6–7), 4.4.1 (v8–11), 5.4.1 (v12): an invite that answers a third-party invite. */

import { isJsonObject, type JsonObject } from '../../json/json.ts'
import { verifyText } from '../../signing/ed25519.ts'
import { signedJsonText } from '../../signing/sign-json.ts'
import { type AuthCase, membershipOf } from '../auth-case.ts'
import { signedPart } from '../select-auth-events.ts'
import { allowed, refuse, type Verdict } from '../verdict.ts'

/** How many public keys of a third-party invite and how many signatures are tried: the work stays bounded. */
const keysMax = 32
const signaturesMax = 32

/** The verdict on an invite with `third_party_invite` in its content. The sender need not be in the room. */
export function allowThirdPartyMember(authCase: AuthCase, target: string): Verdict {
  const { event, auth } = authCase
  // .1
  if (membershipOf(authCase, target) === 'ban') return refuse('member-third-party.banned', `${target} is banned`)
  // .2 and .3
  const signed = signedPart(event.content.third_party_invite)
  if (typeof signed?.mxid !== 'string' || typeof signed.token !== 'string') {
    return refuse('member-third-party.bad', 'The third-party invite lacks its signed part')
  }
  // .4
  if (signed.mxid !== target) return refuse('member-third-party.bad', 'The third-party invite is for somebody else')
  // .5
  const invite = auth.get('m.room.third_party_invite', signed.token)
  if (invite === undefined) return refuse('member-third-party.unknown-token', 'The room has no such third-party invite')
  // .6
  if (invite.sender !== event.sender) {
    return refuse('member-third-party.other-sender', 'The third-party invite was made by somebody else')
  }
  // .7 and .8
  if (isSignedByAnyKey(signed, publicKeysOf(invite.content))) return allowed()
  return refuse('member-third-party.signature', 'No key of the third-party invite signed this one')
}

/** Unpadded base64 keys of a third-party invite: `public_key` and those in `public_keys`. */
function publicKeysOf(content: JsonObject): string[] {
  const listed = Array.isArray(content.public_keys) ? content.public_keys : []
  const keys = [content.public_key, ...listed.map((entry) => (isJsonObject(entry) ? entry.public_key : undefined))]
  return keys.filter((key) => typeof key === 'string').slice(0, keysMax)
}

function isSignedByAnyKey(signed: JsonObject, keys: readonly string[]): boolean {
  const { signatures } = signed
  if (!isJsonObject(signatures)) return false
  const listed = Object.values(signatures).flatMap((byKey) => (isJsonObject(byKey) ? ed25519Of(byKey) : []))
  const tried = listed.slice(0, signaturesMax)
  if (tried.length === 0) return false
  const text = signedJsonText(signed)
  return keys.some((key) => tried.some((signature) => verifyText(key, signature, text)))
}

function ed25519Of(byKey: JsonObject): string[] {
  return Object.entries(byKey)
    .filter(([id, signature]) => id.startsWith('ed25519:') && typeof signature === 'string')
    .map(([, signature]) => signature as string)
}
