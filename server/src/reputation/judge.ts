/**
 * How things look through a compiled lens. `evaluate` asks nobody and waits for nothing: it knows what was heard of
 * before, and lets through what was not.
 */

import {
  type Action,
  actions,
  type DecisionRule,
  type EntityKey,
  evaluate as evaluateOne,
  findContext,
  type Ground,
  parseEntity,
  ReputationError,
  type Sighting,
  type Testimony,
} from '@parallax/reputation'
import type { CompiledLens } from './compile-lens.ts'
import { reputationLimits } from './limits.ts'
import type { SeenItem, Verdict } from './reputation.ts'

/** What is known of an entity, and what follows for it. */
export type Judged = {
  readonly entity: EntityKey
  readonly heard: readonly Testimony[]
  /** That of the strongest action. */
  readonly context: string
  readonly action: Action
  readonly rule: DecisionRule
}

/** Where nothing is said, an own rule decides in this context as in any. */
const ANY_CONTEXT = 'm.other'

/** The strongest action that follows for an entity from what was heard of it. */
export function judgeEntity(
  { lens, weights }: Pick<CompiledLens, 'lens' | 'weights'>,
  entity: EntityKey,
  heard: readonly Testimony[],
  nowMs: number,
): Judged {
  let judged: Judged = { entity, heard, context: ANY_CONTEXT, action: 'none', rule: 'nothing-known' }
  for (const context of contextsOf(heard)) {
    const { action, rule } = evaluateOne(lens, entity, context, heard, { nowMs, calibration: weights.calibration })
    const isStronger = actions.indexOf(action) > actions.indexOf(judged.action)
    if (isStronger || (rule === 'own-rule' && judged.rule !== 'enforced')) {
      judged = { entity, heard, context, action, rule }
    }
  }
  return judged
}

function contextsOf(heard: readonly Testimony[]): string[] {
  const contexts = new Set(heard.map(({ statement }) => statement.context))
  return contexts.size === 0 ? [ANY_CONTEXT] : [...contexts].slice(0, reputationLimits.contextsMax)
}

/** The entities behind an item, the nearest first; only those of which anything may be said. */
export function entitiesOf({ namesEvents, namesRooms }: CompiledLens, item: SeenItem): EntityKey[] {
  const { eventId, sender, roomId } = item
  const named = [
    namesEvents && eventId !== undefined && entityOf('event', eventId),
    entityOf('user', sender),
    namesRooms && roomId !== undefined && entityOf('room', roomId),
    entityOf('server', sender.slice(sender.indexOf(':') + 1)),
  ]
  return named.filter((entity) => typeof entity === 'string')
}

/** Undefined for identifiers that no feed can name. */
function entityOf(kind: 'event' | 'user' | 'room' | 'server', id: string): EntityKey | undefined {
  try {
    return parseEntity(kind, id)
  } catch (error) {
    if (error instanceof ReputationError) return undefined
    throw error
  }
}

/** The strongest of the grounds; the nearest own rule is over all but what is enforced by the server. */
export function evaluate(grounds: readonly Judged[]): Verdict | undefined {
  let found: Judged | undefined
  for (const judged of grounds) {
    const { action, rule } = judged
    if (rule === 'own-rule' && found?.rule !== 'enforced') {
      found = judged
      break
    }
    if (actions.indexOf(action) > actions.indexOf(found?.action ?? 'none')) found = judged
  }
  if (found === undefined || found.action === 'none') return undefined
  const { entity, action, rule, context } = found
  return { action, rule, context, class: findContext(context).class, explanationId: explanationIdOf(entity) }
}

/** Names what decided, not in which sense: who holds it may ask why. */
function explanationIdOf(entity: EntityKey): string {
  return Buffer.from(entity, 'utf8').toString('base64url')
}

/** The entity of an explanation ID, and the room whose lens decided; undefined for what is none. */
export function entityOfExplanation(id: string): { kind: string; entity: string; roomId?: string } | undefined {
  const [kind, entity, roomId, ...more] = Buffer.from(id, 'base64url').toString('utf8').split('\0')
  if (!kind || !entity || more.length > 0) return undefined
  return roomId === undefined ? { kind, entity } : { kind, entity, roomId }
}

/** An item as the bubble metrics take it. */
export function toSighting(item: SeenItem & { readonly eventId: string }, grounds: readonly Judged[]): Sighting {
  const { eventId, sender, roomId = '' } = item
  return {
    ...{ item: eventId, sender, room: roomId, cluster: sender.slice(sender.indexOf(':') + 1) },
    grounds: grounds.flatMap(({ entity, heard }) => {
      return contextsOf(heard).map((context): Ground => ({ entity, context, testimonies: heard }))
    }),
  }
}
