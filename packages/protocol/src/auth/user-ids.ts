/** The two questions that the authorisation rules ask of a user ID. Spec: appendices#historical-user-ids. */

/** The server part of an identifier: what follows its first colon; undefined if there is none. */
export function serverPart(id: string): string | undefined {
  const colon = id.indexOf(':')
  return colon < 0 ? undefined : id.slice(colon + 1)
}

/** True if both identifiers name the same server. */
export function isSameServer(left: string, right: string): boolean {
  const server = serverPart(left)
  return server !== undefined && server === serverPart(right)
}

const userIdBytesMax = 255

/** True for a user ID as senders may have it: sigil, any localpart (historical ones too), a server, at most 255 bytes. */
export function isUserId(text: string): boolean {
  if (!text.startsWith('@') || !serverPart(text)) return false
  return text.length <= userIdBytesMax / 3 || new TextEncoder().encode(text).length <= userIdBytesMax
}
