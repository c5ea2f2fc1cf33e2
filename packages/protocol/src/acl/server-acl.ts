/**
 * Server access control lists of rooms. Spec: client-server-api#server-access-control-lists-acls-for-rooms,
 * appendices#glob-style-matching. Matching costs at most the name's length times the pattern's, whatever the pattern.
 */

import type { ServerName } from '../ids.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import { idLimits, splitServerName } from '../parse-ids.ts'

/** A room's list, compiled once for many questions. */
export type ServerAcl = {
  /** True if the server may take part in the room. */
  allows(server: ServerName): boolean
}

const ipLiteral = /^(?:\[.*\]|[0-9]{1,3}(?:\.[0-9]{1,3}){3})$/
const asciiOnly = /^[\x20-\x7e]*$/

/** The list of an `m.room.server_acl` content; undefined content: there is none, all are allowed. Never throws. */
export function compileServerAcl(content: JsonObject | undefined): ServerAcl {
  if (content === undefined) return { allows: () => true }
  const allowsIpLiterals = content.allow_ip_literals !== false
  const isDenied = compilePatterns(content.deny)
  const isAllowed = compilePatterns(content.allow)
  return {
    allows(server) {
      const host = splitServerName(server).host.toLowerCase()
      if (!allowsIpLiterals && ipLiteral.test(host)) return false
      return !isDenied(host) && isAllowed(host)
    },
  }
}

/** A matcher of any of the patterns; entries that are no strings are ignored. */
function compilePatterns(value: JsonValue | undefined): (host: string) => boolean {
  const exact = new Set<string>()
  const globs: string[] = []
  for (const entry of Array.isArray(value) ? value : []) {
    const pattern = typeof entry === 'string' ? simplify(entry) : undefined
    if (pattern === undefined) continue
    if (/[*?]/.test(pattern)) globs.push(pattern)
    else exact.add(pattern)
  }
  return (host) => exact.has(host) || globs.some((pattern) => matchesGlob(pattern, host))
}

/** The pattern in lower case with runs of `*` made one; undefined: no server name can match it. */
function simplify(entry: string): string | undefined {
  const pattern = entry.toLowerCase().replace(/\*+/g, '*')
  const fixed = pattern.replaceAll('*', '').length
  return fixed <= idLimits.serverNameCharsMax && asciiOnly.test(pattern) ? pattern : undefined
}

/**
 * True if the glob covers the whole text. On a mismatch only the last `*` takes one more character: no backtracking.
 */
function matchesGlob(pattern: string, text: string): boolean {
  let at = 0
  let star = -1
  let starText = 0
  for (let index = 0; index < text.length; ) {
    const expected = pattern[at]
    if (expected === '*') {
      star = at++
      starText = index
    } else if (expected === '?' || expected === text[index]) {
      at += 1
      index += 1
    } else if (star >= 0) {
      at = star + 1
      index = ++starText
    } else return false
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}
