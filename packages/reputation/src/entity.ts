/**
 * What statements are about: an entity has a kind and a canonical string, and the two together are what is compared,
 * hashed and sealed. Nothing here is particular to Matrix but the form of its identifiers.
 */

import { ReputationError } from './errors.ts'
import { reputationLimits } from './limits.ts'

export const entityKinds = ['user', 'server', 'room', 'space', 'event', 'media', 'domain', 'url'] as const
export type EntityKind = (typeof entityKinds)[number]

/** A kind and a canonical string, joined by a zero byte: the input of every hash, and a key for maps. */
export type EntityKey = string & { readonly brand: 'EntityKey' }

export type Entity = { readonly kind: EntityKind; readonly id: string }

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const forbidden = /[\u0000-\u001f\u007f]|\p{Cs}/u

/** Answers the key of an entity; throws `bad-entity` if the string is empty, too long or no possible identifier. */
export function parseEntity(kind: EntityKind, id: string): EntityKey {
  if (!entityKinds.includes(kind)) throw new ReputationError('bad-entity', `There is no kind of entity "${kind}".`)
  if (id === '' || forbidden.test(id) || utf8Length(id) > reputationLimits.entityBytesMax) {
    throw new ReputationError('bad-entity', 'An entity must have 1 to 1,024 bytes and no control characters.')
  }
  return `${kind}\0${canonicalIds[kind](id)}` as EntityKey
}

/** The kind and the canonical string of a key. */
export function splitEntity(key: EntityKey): Entity {
  const end = key.indexOf('\0')
  return { kind: key.slice(0, end) as EntityKind, id: key.slice(end + 1) }
}

const canonicalIds: Readonly<Record<EntityKind, (id: string) => string>> = {
  user: (id) => lowerServerPart(id, '@'),
  server: canonicalServer,
  room: (id) => requireSigil(id, '!'),
  space: (id) => requireSigil(id, '!'),
  event: (id) => requireSigil(id, '$'),
  media: canonicalMedia,
  domain: canonicalServer,
  url: canonicalUrl,
}

function requireSigil(id: string, sigil: string): string {
  if (!id.startsWith(sigil) || id.length < 2) {
    throw new ReputationError('bad-entity', `An identifier of this kind begins with "${sigil}".`)
  }
  return id
}

/** Other letters stay: a Kelvin sign, lowered, would be a k, and name somebody else. */
function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** Only the server part is lowered: local parts of old users are case-sensitive. */
function lowerServerPart(id: string, sigil: string): string {
  requireSigil(id, sigil)
  const colon = id.indexOf(':')
  if (colon < 2 || colon === id.length - 1) throw new ReputationError('bad-entity', 'A user has a server part.')
  return id.slice(0, colon + 1) + lowerAscii(id.slice(colon + 1))
}

/** Lower case and without a port; IPv6 literals keep their brackets. */
function canonicalServer(id: string): string {
  const name = lowerAscii(id.replace(/:\d{1,5}$/, '')).replace(/(?<=.)\.$/, '')
  const isLiteral = /^\[[0-9a-f:.]{2,45}\]$/.test(name)
  if (!isLiteral && !/^[^\s/@:#?\\[\]]{1,255}$/u.test(name)) {
    throw new ReputationError('bad-entity', 'That is no name of a server or domain.')
  }
  return name
}

function canonicalMedia(id: string): string {
  if (/^sha256:[0-9a-f]{64}$/i.test(id) || /^pdq:[0-9a-f]{64}$/i.test(id)) return id.toLowerCase()
  const mxc = /^mxc:\/\/([^/]+)\/([A-Za-z0-9_-]{1,255})$/.exec(id)
  if (mxc === null)
    throw new ReputationError('bad-entity', 'Media is an mxc: URI, or "sha256:" or "pdq:" and 64 digits.')
  return `mxc://${lowerAscii(mxc[1]!)}/${mxc[2]}`
}

/** Scheme and host lowered, fragment and user information dropped, path and query as they are. */
function canonicalUrl(id: string): string {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)([^#]*)/i.exec(id)
  if (parts === null) throw new ReputationError('bad-entity', 'That is no absolute URL.')
  const host = lowerAscii(parts[2]!.slice(parts[2]!.lastIndexOf('@') + 1))
  return `${parts[1]!.toLowerCase()}://${host}${parts[3] === '' ? '/' : parts[3]}`
}

function utf8Length(text: string): number {
  let length = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return length
}
