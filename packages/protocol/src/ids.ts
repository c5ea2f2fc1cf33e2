/** Branded identifiers. Spec: appendices#identifier-grammar. Parsers live in `parse-ids.ts`. */

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** `@localpart:server`, at most 255 bytes; historical localparts are accepted where the spec says. */
export type UserId = Branded<'UserId'>
/** `!opaque:server` (versions 1–11) or `!hash` (12). */
export type RoomId = Branded<'RoomId'>
/** `$opaque:server` (versions 1–2) or `$hash` (3 and later). */
export type EventId = Branded<'EventId'>
/** `#localpart:server`. */
export type RoomAlias = Branded<'RoomAlias'>
/** Host with optional port: `example.org`, `1.2.3.4:8448`, `[::1]:8448`. */
export type ServerName = Branded<'ServerName'>
/** Opaque, chosen by the server or the client at login. */
export type DeviceId = Branded<'DeviceId'>
/** `mxc://server/media-id`. */
export type MxcUri = Branded<'MxcUri'>
/** `ed25519:version`. */
export type KeyId = Branded<'KeyId'>
