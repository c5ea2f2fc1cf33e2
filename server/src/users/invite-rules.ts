/**
 * Whose invitations a user takes: none at all (client-server-api#invite-permission), or all but those of users and
 * servers that a list names. Spec: msc4155.
 */

import {
  compileGlob,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  serverNameOf,
  type UserId,
} from '@parallax/protocol'
import { userLimits } from './limits.ts'

/** `ignore`: who invites is not told, the user neither. */
export type InviteVerdict = 'allow' | 'ignore' | 'block'

export interface InviteRules {
  /** True if there are no rules: everybody may invite. */
  readonly isOpen: boolean
  judge(sender: UserId): InviteVerdict
}

export const inviteRulesType = 'm.invite_permission_config'
export const unstableRulesType = 'org.matrix.msc4155.invite_permission_config'

const everybody: InviteRules = { isOpen: true, judge: () => 'allow' }
const nobody: InviteRules = { isOpen: false, judge: () => 'block' }

/** In this order: the first list that has the inviting user or server decides. */
const lists: readonly (readonly [field: string, verdict: InviteVerdict])[] = [
  ['allowed_users', 'allow'],
  ['ignored_users', 'ignore'],
  ['blocked_users', 'block'],
  ['allowed_servers', 'allow'],
  ['ignored_servers', 'ignore'],
  ['blocked_servers', 'block'],
]

/** The rules of both contents, which may hold anything. */
export function parseInviteRules(stable: JsonValue | undefined, unstable: JsonValue | undefined): InviteRules {
  const plain = isJsonObject(stable) ? stable : {}
  if (plain.default_action === 'block') return nobody
  const content = isJsonObject(unstable) ? unstable : plain
  if (content.enabled === false || lists.every(([field]) => readPatterns(content, field).length === 0)) return everybody
  const compiled = lists.map(([field, verdict]) => ({
    verdict,
    isServers: field.endsWith('servers'),
    matches: compilePatterns(readPatterns(content, field)),
  }))
  return {
    isOpen: false,
    judge(sender) {
      const user = sender.toLowerCase()
      const server = serverNameOf(sender).toLowerCase()
      return compiled.find(({ isServers, matches }) => matches(isServers ? server : user))?.verdict ?? 'allow'
    },
  }
}

/** How many patterns with wildcards there are: each costs a run over the name. */
export function countGlobs(content: JsonObject): number {
  return lists.reduce((sum, [field]) => sum + readPatterns(content, field).filter(isGlob).length, 0)
}

function readPatterns(content: JsonObject, field: string): string[] {
  const value = content[field]
  const texts = Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
  return texts.filter((text) => text !== '' && text.length <= userLimits.invitePatternCharsMax)
}

function isGlob(pattern: string): boolean {
  return /[*?]/.test(pattern)
}

function compilePatterns(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !isGlob(pattern)).map((pattern) => pattern.toLowerCase()))
  const globs = patterns.filter(isGlob).map((pattern) => compileGlob(pattern, 'whole'))
  return (name) => exact.has(name) || globs.some((matches) => matches(name))
}
