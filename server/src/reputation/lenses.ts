/** Lenses: several for each user, swapped at once, tried out for a while with a return by itself. */

import { type EntityKind, findContext, parseEntity } from '@parallax/reputation'
import { createKeyedQueue, MatrixError } from '../base/index.ts'
import { SERVER } from './compile-lens.ts'
import { explainEntity } from './explain-entity.ts'
import { entityOfExplanation } from './judge.ts'
import {
  type Choice,
  findChoice,
  listLenses,
  removeLens,
  removeLensesOf,
  upsertChoice,
  upsertLens,
} from './lens-table.ts'
import { reputationLimits } from './limits.ts'
import type { CountDecision } from './observe.ts'
import { refusing } from './refuse.ts'
import type { GivenRule, Lenses, ReputationDeps, WrittenLens } from './reputation.ts'
import type { LensDeps } from './sealed-names.ts'
import { createSights, type InForce, type SightsOf } from './sights.ts'
import { listSubscribed } from './source-table.ts'
import { surveyItems } from './survey.ts'

/** `onLens` is told of users whose lens is another now. */
export function createLenses(
  deps: LensDeps,
  { count, onLens }: { readonly count: CountDecision; readonly onLens: (user: number) => void },
): Lenses & SightsOf {
  const { store, clock } = deps
  const turns = createKeyedQueue<number>()
  const refused = deps.config.refuse.map(readRefused)

  async function findNow(user: number): Promise<Choice> {
    const choice = await findChoice(store.reader, user)
    const isOver = choice.untilMs !== 0 && choice.untilMs <= clock.nowMs()
    return isOver ? { name: choice.before, untilMs: 0, before: '' } : choice
  }

  async function findInForce(user: number): Promise<InForce> {
    const { name, untilMs } = await findNow(user)
    const lens = name === '' ? undefined : (await listLenses(store.reader, user)).get(name)
    return { lens: user === SERVER ? withRefused(lens, refused) : lens, untilMs }
  }

  const sights = createSights(deps, findInForce, count)
  /** Changes in the user's turn; what was compiled before is forgotten after. */
  const change = async (user: number, act: () => Promise<void>): Promise<void> => {
    await turns.run(user, act).finally(() => sights.forgetSight(user))
    onLens(user)
  }

  return {
    ...sights,
    async listLenses(user) {
      const [lenses, { name, untilMs, before }] = [await listLenses(store.reader, user), await findNow(user)]
      const until = untilMs === 0 ? {} : { until_ts: untilMs, before: before === '' ? null : before }
      return { lenses: Object.fromEntries(lenses), chosen: name === '' ? null : name, ...until }
    },
    putLens: (user, name, lens) =>
      change(user, async () => {
        const followed = await listSubscribed(store.reader, user)
        refusing(() => checkLens(lens, new Set(followed)))
        const known = await listLenses(store.reader, user)
        if (!known.has(name) && known.size >= reputationLimits.lensesPerUserMax) {
          const { lensesPerUserMax } = reputationLimits
          throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', `A user has at most ${lensesPerUserMax} lenses.`)
        }
        await store.transact((tx) => upsertLens(tx, user, name, lens))
      }),
    removeLens: (user, name) =>
      change(user, async () => {
        await requireLens(deps, user, name)
        await store.transact((tx) => removeLens(tx, user, name))
      }),
    chooseLens: (user, name, forMs) =>
      change(user, async () => {
        if (name !== null) await requireLens(deps, user, name)
        const now = await findNow(user)
        const chosen = name ?? ''
        // Who tries a second one returns to where they were before the first.
        const before = now.untilMs === 0 ? now.name : now.before
        const choice =
          forMs === undefined
            ? { name: chosen, untilMs: 0, before: '' }
            : { name: chosen, untilMs: clock.nowMs() + forMs, before }
        await store.transact((tx) => upsertChoice(tx, user, choice))
      }),
    async explain(user, asked) {
      const name = asked.lens ?? (await findNow(user)).name
      const lens = name === '' ? noLens : await requireLens(deps, user, name)
      return explainEntity(deps, user, lens, asked)
    },
    async explainVerdict(user, id) {
      const asked = entityOfExplanation(id)
      if (asked === undefined) throw new MatrixError('M_NOT_FOUND', 'There is no such explanation.')
      return explainEntity(deps, user, (await findInForce(user)).lens ?? noLens, asked)
    },
    setRule: (user, { kind, entity, value }) =>
      change(user, async () => {
        const { name } = await findNow(user)
        if (name === '') throw new MatrixError('M_NOT_FOUND', 'You look through no lens.')
        const lens = await requireLens(deps, user, name)
        const next = refusing(() => withRule(lens, { kind, entity, value }))
        await store.transact((tx) => upsertLens(tx, user, name, next))
      }),
    async survey(user, items, tried) {
      const now = (await findInForce(user)).lens ?? noLens
      const followed = new Set(await listSubscribed(store.reader, user))
      if (tried !== undefined) refusing(() => checkLens(tried, followed))
      return surveyItems(deps, user, { now, tried }, items)
    },
    forgetLenses: (user) =>
      turns.run(user, () => store.transact((tx) => removeLensesOf(tx, user))).finally(() => sights.forgetSight(user)),
  }
}

/** A lens with one more rule, or without one; throws M_RESOURCE_LIMIT_EXCEEDED, or a ReputationError. */
export function withRule(lens: WrittenLens | undefined, { kind, entity, value }: GivenRule): WrittenLens {
  const key = parseEntity(kind as EntityKind, entity)
  const now = lens ?? noLens
  const others = (now.rules ?? []).filter((rule) => parseEntity(rule.kind as EntityKind, rule.entity) !== key)
  const rules = value === null ? others : [...others, { kind, entity, value }]
  if (rules.length > reputationLimits.lensRulesMax) {
    throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', 'The lens has as many rules as it may.')
  }
  return { ...now, rules }
}

/** `<kind> <entity>` of the config. Throws ReputationError for what is none: such a server does not start. */
function readRefused(text: string) {
  const [kind = '', entity = ''] = text.split(' ')
  parseEntity(kind as EntityKind, entity)
  return { kind, entity, value: 'block' as const }
}

/** The config's rules come last: of two rules on one entity the later one counts. */
function withRefused(lens: WrittenLens | undefined, rules: NonNullable<WrittenLens['rules']>) {
  if (rules.length === 0) return lens
  return { ...(lens ?? noLens), rules: [...(lens?.rules ?? []), ...rules] }
}

const noLens: WrittenLens = { subscriptions: [] }

async function requireLens({ store }: ReputationDeps, user: number, name: string): Promise<WrittenLens> {
  const lens = (await listLenses(store.reader, user)).get(name)
  if (lens === undefined) throw new MatrixError('M_NOT_FOUND', 'You have no lens of that name.')
  return lens
}

/** Throws M_INVALID_PARAM or a ReputationError for what no lens may say. */
export function checkLens({ subscriptions, rules = [] }: WrittenLens, followed: ReadonlySet<number>): void {
  const sources = subscriptions.map(({ source }) => source)
  if (new Set(sources).size !== sources.length || sources.some((source) => !followed.has(source))) {
    throw new MatrixError('M_INVALID_PARAM', 'A lens has feeds that you follow, each of them once.')
  }
  for (const { trust } of subscriptions) {
    const contexts = Object.keys(trust)
    if (contexts.length > reputationLimits.trustContextsMax) {
      throw new MatrixError('M_INVALID_PARAM', 'That is trust in too many contexts.')
    }
    for (const context of contexts) if (context !== '*') findContext(context)
  }
  for (const { kind, entity } of rules) parseEntity(kind as EntityKind, entity)
}
