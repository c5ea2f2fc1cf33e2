/** What an event means for one user, by that user's push rules. Spec: client-server-api#push-rules. */

import {
  type CompiledPushRules,
  compileRuleset,
  noPush,
  type PushOutcome,
  type PushRuleset,
  type UserId,
} from '@parallax/protocol'
import { Lru } from '../base/index.ts'
import type { EventPush } from '../rooms/index.ts'
import { notificationLimits } from './limits.ts'
import type { PushDeps } from './push.ts'

export interface Judge {
  judge(
    listener: { readonly user: number; readonly userId: UserId },
    room: number,
    push: EventPush,
  ): Promise<PushOutcome>
  /** The user's rules changed. */
  forget(user: number): void
}

type OwnRules = { readonly compiled: CompiledPushRules; readonly asksForName: boolean }

export function createJudge({ users, rooms }: Pick<PushDeps, 'users' | 'rooms'>): Judge {
  const byUser = new Lru<number, OwnRules>(notificationLimits.rulesMax)
  let changes = 0

  async function load(user: number, userId: UserId): Promise<OwnRules> {
    const before = changes
    const ruleset = await users.findRuleset(user)
    const rules = { compiled: compileRuleset(userId, ruleset), asksForName: asksForName(ruleset) }
    if (changes === before) byUser.set(user, rules)
    return rules
  }

  return {
    async judge({ user, userId }, room, push) {
      if (push.sender === userId) return noPush
      if ((await users.listIgnored(user)).has(push.sender)) return noPush
      const { compiled, asksForName: wantsName } = byUser.get(user) ?? (await load(user, userId))
      const member = wantsName ? await rooms.findStateEvent(room, 'm.room.member', userId) : undefined
      const name = member?.content.displayname
      return push.evaluator.evaluate(compiled, typeof name === 'string' ? name : undefined)
    },
    forget(user) {
      changes++
      byUser.delete(user)
    },
  }
}

function asksForName(ruleset: PushRuleset): boolean {
  return [...ruleset.override, ...ruleset.underride].some(
    ({ enabled, conditions }) => enabled && conditions?.some(({ kind }) => kind === 'contains_display_name') === true,
  )
}
