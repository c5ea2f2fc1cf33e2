/** What a room's moderators write as state: whose opinions count there, and own rules. The unreadable is nothing. */

import { type Action, actions, type EntityKind, parseEntity, ReputationError, trustLevels } from '@parallax/reputation'
import { reputationLimits } from './limits.ts'
import type { TrustLevel, WrittenLens, WrittenSubscription } from './reputation.ts'

/** A feed as rooms name it: servers number theirs each in their own way. */
export type NamedFeed = Pick<WrittenSubscription, 'trust' | 'mode'> & {
  readonly address: string
  readonly key?: string
}

export type RoomPolicy = Pick<WrittenLens, 'action_max'> & {
  readonly rules: NonNullable<WrittenLens['rules']>
  readonly feeds: readonly NamedFeed[]
}

const modes: ReadonlySet<unknown> = new Set(['notify', 'blend', 'enforce'])

/** Undefined for a content that says nothing: the room has no lens. Entries that are none are left out. */
export function readRoomPolicy(content: Readonly<Record<string, unknown>> | undefined): RoomPolicy | undefined {
  const { lensRulesMax, roomFeedsMax } = reputationLimits
  const rules = listOf(content?.rules, lensRulesMax).filter(isRule)
  const feeds = listOf(content?.feeds, roomFeedsMax).flatMap(readFeed)
  if (rules.length === 0 && feeds.length === 0) return undefined
  const max = content?.action_max
  return { rules, feeds, ...(actions.includes(max as Action) && { action_max: max as Action }) }
}

function listOf(value: unknown, most: number): readonly Record<string, unknown>[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, most).filter((entry) => typeof entry === 'object' && entry !== null)
}

function isRule(entry: Record<string, unknown>): entry is RoomPolicy['rules'][number] {
  const { kind, entity, value } = entry
  if (typeof kind !== 'string' || typeof entity !== 'string' || (value !== 'block' && value !== 'allow')) return false
  try {
    parseEntity(kind as EntityKind, entity)
    return true
  } catch (error) {
    if (error instanceof ReputationError) return false
    throw error
  }
}

function readFeed({ address, key, mode, trust }: Record<string, unknown>): NamedFeed[] {
  if (typeof address !== 'string' || !modes.has(mode)) return []
  const level = typeof trust === 'string' && Object.hasOwn(trustLevels, trust) ? (trust as TrustLevel) : 'good'
  const named = { address, mode: mode as NamedFeed['mode'], trust: { '*': level } }
  return [typeof key === 'string' ? { ...named, key } : named]
}
