/** What the authorisation rules ask about the servers in identifiers. Spec: appendices#common-identifier-format. */

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
