/** Lenses: several for each user, swapped at once, tried out for a while with a return by itself. */

import { type EntityKind, findContext, parseEntity } from '@parallax/reputation'
import { createKeyedQueue, MatrixError } from '../base/index.ts'
import { explainEntity } from './explain-entity.ts'
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
import { refusing } from './refuse.ts'
import type { Lenses, ReputationDeps, WrittenLens } from './reputation.ts'
import { listSubscribed } from './source-table.ts'

export function createLenses(deps: ReputationDeps): Lenses {
  const { store, clock } = deps
  const turns = createKeyedQueue<number>()

  async function findNow(user: number): Promise<Choice> {
    const choice = await findChoice(store.reader, user)
    const isOver = choice.untilMs !== 0 && choice.untilMs <= clock.nowMs()
    return isOver ? { name: choice.before, untilMs: 0, before: '' } : choice
  }

  return {
    async listLenses(user) {
      const [lenses, { name, untilMs }] = [await listLenses(store.reader, user), await findNow(user)]
      const until = untilMs === 0 ? {} : { until_ts: untilMs }
      return { lenses: Object.fromEntries(lenses), chosen: name === '' ? null : name, ...until }
    },
    putLens: (user, name, lens) =>
      turns.run(user, async () => {
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
      turns.run(user, async () => {
        await requireLens(deps, user, name)
        await store.transact((tx) => removeLens(tx, user, name))
      }),
    chooseLens: (user, name, forMs) =>
      turns.run(user, async () => {
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
    async forgetLenses(user) {
      await turns.run(user, () => store.transact((tx) => removeLensesOf(tx, user)))
    },
  }
}

const noLens: WrittenLens = { subscriptions: [] }

async function requireLens({ store }: ReputationDeps, user: number, name: string): Promise<WrittenLens> {
  const lens = (await listLenses(store.reader, user)).get(name)
  if (lens === undefined) throw new MatrixError('M_NOT_FOUND', 'You have no lens of that name.')
  return lens
}

/** Throws M_INVALID_PARAM or a ReputationError for what no lens may say. */
function checkLens({ subscriptions, rules = [] }: WrittenLens, followed: ReadonlySet<number>): void {
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
