/** Parsing of identifiers: untrusted text → branded type, or `bad-id`. Spec: appendices#identifier-grammar. */

import { ProtocolError } from './errors.ts'
import type { DeviceId, EventId, KeyId, MxcUri, RoomAlias, RoomId, ServerName, UserId } from './ids.ts'
import { fitsBytes } from './utf8-length.ts'

export const idLimits = {
  /** User, room and event IDs and aliases, sigil and server included; also event types and state keys. */
  bytesMax: 255,
  /** A DNS name; a server's whole name should stay below 230. */
  serverNameCharsMax: 255,
  deviceIdBytesMax: 512,
  mediaIdCharsMax: 255,
} as const

const hostAndPort = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([0-9A-Za-z.-]{1,255}))(?::([0-9]{1,5}))?$/
const dottedQuad = /^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$/
const newLocalpart = /^[a-z0-9._=/+-]+$/
const compliantLocalpart = /^[\x21-\x39\x3b-\x7e]+$/
const hashId = /^[A-Za-z0-9_-]{43}$/
const mediaId = /^[A-Za-z0-9_-]{1,255}$/
const keyId = /^[a-z0-9_]{1,32}:[A-Za-z0-9_+/=.-]{1,255}$/

/** The two parts of an identifier `&localpart:server`. */
type IdParts = { readonly localpart: string; readonly server: ServerName }

/** A server name: a DNS name, an IPv4 address or an IPv6 address in brackets, perhaps with a port; case is kept. */
export function parseServerName(text: string): ServerName {
  if (!isServerName(text)) fail('server name', text)
  return text
}

/** True for a server name. */
export function isServerName(text: string): text is ServerName {
  const parts = text.length <= idLimits.serverNameCharsMax ? hostAndPort.exec(text) : null
  if (parts === null || Number(parts[3] ?? 0) > 65_535) return false
  if (parts[1] !== undefined) return parts[1].includes(':')
  return !dottedQuad.test(parts[2]!) || parts[2]!.split('.').every((byte) => Number(byte) <= 255)
}

/** A server name as host (brackets of an IPv6 address kept) and port, undefined if none is given. */
export function splitServerName(name: ServerName): { readonly host: string; readonly port: number | undefined } {
  const parts = /^(.*?)(?::([0-9]{1,5}))?$/.exec(name.slice(name.lastIndexOf(']') + 1))!
  const host = name.slice(0, name.lastIndexOf(']') + 1) + parts[1]!
  return { host, port: parts[2] === undefined ? undefined : Number(parts[2]) }
}

/** A user ID as events may have it: historical localparts (any text without colon and NUL, even none) are accepted. */
export function parseUserId(text: string): UserId {
  if (splitId('@', text) === undefined) fail('user ID', text)
  return text as UserId
}

/**
 * A user ID that may be shown outside events: its localpart is printable ASCII. Spec: appendices#historical-user-ids.
 */
export function parseCompliantUserId(text: string): UserId {
  const parts = splitId('@', text)
  if (parts === undefined || !compliantLocalpart.test(parts.localpart)) fail('user ID', text)
  return text as UserId
}

/** A user ID that may be given to a new user: lower-case letters, digits and `._=/+-` only. */
export function parseNewUserId(text: string): UserId {
  const parts = splitId('@', text)
  if (parts === undefined || !isValidNewLocalpart(parts.localpart)) fail('user ID', text)
  return text as UserId
}

/** True for a user ID as events may have it. */
export function isUserIdText(text: string): text is UserId {
  return splitId('@', text) !== undefined
}

/** True if a new user may have this localpart. */
export function isValidNewLocalpart(localpart: string): boolean {
  return newLocalpart.test(localpart)
}

/** A room ID of either form: `!opaque:server` (versions 1–11) or `!hash` (12). */
export function parseRoomId(text: string): RoomId {
  if (!isHashRoomId(text) && splitId('!', text) === undefined) fail('room ID', text)
  return text as RoomId
}

/** True for a room ID of version 12 and later: the create event's hash, no server. */
export function isHashRoomId(text: string): text is RoomId {
  return text.length === 44 && text.startsWith('!') && hashId.test(text.slice(1))
}

/** True for a room ID with a server, as in versions 1–11. */
export function isDomainRoomId(text: string): text is RoomId {
  return splitId('!', text) !== undefined
}

/** An event ID of any version: `$` and something, at most 255 bytes. */
export function parseEventId(text: string): EventId {
  if (!isEventIdText(text)) fail('event ID', text)
  return text
}

/** True for an event ID of any version. */
export function isEventIdText(text: string): text is EventId {
  return text.length > 1 && text.charCodeAt(0) === 0x24 && isOpaque(text)
}

/** A room alias `#localpart:server`. */
export function parseRoomAlias(text: string): RoomAlias {
  const parts = splitId('#', text)
  if (parts === undefined || parts.localpart === '') fail('room alias', text)
  return text as RoomAlias
}

/** A device ID: not empty, at most 512 bytes, no NUL. */
export function parseDeviceId(text: string): DeviceId {
  if (text === '' || text.includes('\0') || !fitsBytes(text, idLimits.deviceIdBytesMax)) fail('device ID', text)
  return text as DeviceId
}

/** A key ID `algorithm:version`. */
export function parseKeyId(text: string): KeyId {
  if (!isKeyId(text)) fail('key ID', text)
  return text
}

/** True for a key ID. */
export function isKeyId(text: string): text is KeyId {
  return keyId.test(text)
}

/** A media address `mxc://server/media-id`. Spec: client-server-api#matrix-content-mxc-uris. */
export function parseMxcUri(text: string): MxcUri {
  if (findMxcParts(text) === undefined) fail('mxc URI', text)
  return text as MxcUri
}

/** The server and the media ID of a media address. */
export function splitMxcUri(uri: MxcUri): { readonly server: ServerName; readonly mediaId: string } {
  return findMxcParts(uri) ?? fail('mxc URI', uri)
}

/** The server of a user: what follows the first colon. */
export function serverNameOf(userId: UserId | RoomAlias): ServerName {
  return userId.slice(userId.indexOf(':') + 1) as ServerName
}

/** The localpart of a user ID or alias: between sigil and first colon. */
export function localpartOf(id: UserId | RoomAlias): string {
  return id.slice(1, id.indexOf(':'))
}

/** The server that an ID of any kind names after its first colon; undefined: it names none. */
export function findServerName(id: string): ServerName | undefined {
  const colon = id.indexOf(':')
  const server = id.slice(colon + 1)
  return colon >= 0 && isServerName(server) ? server : undefined
}

function findMxcParts(text: string): { readonly server: ServerName; readonly mediaId: string } | undefined {
  const slash = text.indexOf('/', 6)
  if (!text.startsWith('mxc://') || slash < 0) return undefined
  const server = text.slice(6, slash)
  const id = text.slice(slash + 1)
  return isServerName(server) && mediaId.test(id) ? { server, mediaId: id } : undefined
}

function splitId(sigil: string, text: string): IdParts | undefined {
  if (!text.startsWith(sigil) || !isOpaque(text)) return undefined
  const colon = text.indexOf(':')
  const server = text.slice(colon + 1)
  return colon > 0 && isServerName(server) ? { localpart: text.slice(1, colon), server } : undefined
}

/** At most 255 bytes, no NUL and no lone surrogate. */
function isOpaque(text: string): boolean {
  return fitsBytes(text, idLimits.bytesMax) && !text.includes('\0') && text.isWellFormed()
}

function fail(what: string, text: string): never {
  throw new ProtocolError('bad-id', `Not a ${what}: ${JSON.stringify(text.slice(0, 64))}`)
}
