/** A user's push rules: stored as what differs from the defaults. Spec: client-server-api#push-rules-api. */

import {
  changePushRule,
  findPushRule,
  mergeRuleset,
  noStoredPushRules,
  ProtocolError,
  type PushRuleKind,
  type PushRuleset,
  parsePushRule,
  parseStoredPushRules,
  putPushRule,
  removePushRule,
  type StoredPushRules,
  type UserId,
} from '@parallax/protocol'
import { Lru, MatrixError } from '../base/index.ts'
import { userLimits } from './limits.ts'
import { findPushRules, upsertPushRules } from './push-rule-table.ts'
import type { UserContext } from './user-context.ts'
import type { PushRules } from './users.ts'

export type PushRuleParts = PushRules & {
  /** 0: the user never changed a rule. */
  lastPosition(user: number): Promise<number>
  forget(user: number): void
}

type Loaded = {
  readonly userId: UserId
  readonly stored: StoredPushRules
  readonly position: number
  ruleset: PushRuleset | undefined
}

/** Answers the changed rules, or undefined if there is no such rule. */
type Change = (stored: StoredPushRules, userId: UserId) => StoredPushRules | undefined

export function createPushRules(context: UserContext): PushRuleParts {
  const { store, names, journal, turns } = context
  const cached = new Lru<number, Loaded>(userLimits.rulesetsCachedMax)
  let changes = 0

  function forget(user: number): void {
    changes += 1
    cached.delete(user)
  }

  async function load(user: number): Promise<Loaded> {
    const known = cached.get(user)
    if (known !== undefined) return known
    const before = changes
    const row = await findPushRules(store.reader, user)
    const [userId] = (await names.texts([user])) as [UserId]
    const stored = row === undefined ? noStoredPushRules : parseStoredPushRules(JSON.parse(row.rules))
    const loaded: Loaded = { userId, stored, position: row?.position ?? 0, ruleset: undefined }
    if (changes === before) cached.set(user, loaded)
    return loaded
  }

  async function change(user: number, build: Change): Promise<void> {
    await turns.run(user, async () => {
      const { stored, userId } = await load(user)
      const next = explained(() => build(stored, userId))
      if (next === undefined) throw new MatrixError('M_NOT_FOUND', 'There is no such push rule.')
      await store.transact((tx) => {
        const position = journal.append(tx, { kind: 'push-rules', user })
        upsertPushRules(tx, user, { rules: JSON.stringify(next), position })
        tx.onCommitted(() => forget(user))
      })
    })
  }

  return {
    forget,
    lastPosition: async (user) => (await load(user)).position,
    async findRuleset(user) {
      const loaded = await load(user)
      loaded.ruleset ??= mergeRuleset(loaded.userId, loaded.stored)
      return loaded.ruleset
    },
    async findPushRule(user, kind, ruleId) {
      const { userId, stored } = await load(user)
      return findPushRule(userId, stored, kind, ruleId)
    },
    putPushRule(user, kind, ruleId, body, place) {
      return change(user, (stored) => {
        const rule = parsePushRule(kind, ruleId, body)
        checkPlace(stored, kind, place.before)
        checkPlace(stored, kind, place.after)
        return putPushRule(stored, kind, rule, place)
      })
    },
    removePushRule: (user, kind, ruleId) => change(user, (stored) => removePushRule(stored, kind, ruleId)),
    changePushRule: (user, kind, ruleId, wanted) =>
      change(
        user,
        (stored, userId) => findPushRule(userId, stored, kind, ruleId) && changePushRule(stored, kind, ruleId, wanted),
      ),
    async copyRoomRule(user, from, to) {
      const { userId, stored } = await load(user)
      const rule = findPushRule(userId, stored, 'room', from)
      if (rule === undefined || findPushRule(userId, stored, 'room', to) !== undefined) return
      await change(user, (now) => putPushRule(now, 'room', { ...rule, rule_id: to }))
    },
  }
}

function checkPlace(stored: StoredPushRules, kind: PushRuleKind, ruleId: string | undefined): void {
  if (ruleId === undefined || stored.own[kind].some((rule) => rule.rule_id === ruleId)) return
  // The spec names no status for a place beside a server-default rule.
  if (ruleId.startsWith('.')) throw new MatrixError('M_UNKNOWN', 'A rule has no place beside server-default rules.')
  throw new MatrixError('M_NOT_FOUND', 'before/after: there is no such push rule.')
}

function explained<T>(task: () => T): T {
  try {
    return task()
  } catch (error) {
    if (error instanceof ProtocolError) throw new MatrixError('M_INVALID_PARAM', `${error.message}.`)
    throw error
  }
}
