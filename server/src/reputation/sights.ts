/** Compiled lenses of those who look now: made when first asked for, dropped when what they rest on changes. */

import type { EntityKey } from '@parallax/reputation'
import { Lru } from '../base/index.ts'
import { type CompiledLens, compileLens } from './compile-lens.ts'
import { hear } from './hear.ts'
import { entitiesOf, evaluate, type Judged, judgeEntity } from './judge.ts'
import { reputationLimits } from './limits.ts'
import type { CountDecision } from './observe.ts'
import type { NamedItem, ReputationDeps, Sights, Verdict, WrittenLens } from './reputation.ts'

/** A lens in force until a time; 0: until it is changed. */
export type InForce = { readonly lens: WrittenLens | undefined; readonly untilMs: number }

export type Sight = {
  readonly compiled: CompiledLens
  /** Brings what feeds say of these entities into memory. */
  learn(entities: readonly EntityKey[]): Promise<void>
  /** What is in memory, in the order asked for. */
  recall(entities: readonly EntityKey[]): readonly Judged[]
}

/** A sight of a lens that need not be anybody's chosen one. */
export async function openSight({ store, clock, randomBytes }: ReputationDeps, user: number, lens: WrittenLens) {
  const seed = Buffer.from(randomBytes(4)).readUInt32LE()
  const compiled = await compileLens(store.reader, user, lens, seed)
  const remembered = new Lru<EntityKey, Judged>(reputationLimits.rememberedMax)
  const sight: Sight = {
    compiled,
    async learn(entities) {
      for (const entity of entities) {
        if (remembered.has(entity)) continue
        const nowMs = clock.nowMs()
        const heard = await hear(store.reader, compiled, entity, nowMs)
        remembered.set(entity, judgeEntity(compiled, entity, heard, nowMs))
      }
    },
    recall: (entities) => entities.map((entity) => remembered.get(entity)).filter((judged) => judged !== undefined),
  }
  return sight
}

type Kept = { readonly sight: Sight | undefined; readonly endsMs: number; readonly made: number }

const nothing: ReadonlyMap<string, Verdict> = new Map()

export type SightsOf = Sights & {
  /** The user's lens is another now. */
  forgetSight(user: number): void
  /** What feeds say is other now. */
  forgetSights(): void
}

export function createSights(
  deps: ReputationDeps,
  findInForce: (user: number) => Promise<InForce>,
  count: CountDecision,
): SightsOf {
  const byUser = new Lru<number, Kept>(reputationLimits.sightsMax)
  /** Of users (by number), and of what feeds say: who began before the last change does not keep what it made. */
  let lensChanges = 0
  let feedChanges = 0

  async function find(user: number): Promise<Sight | undefined> {
    const known = byUser.get(user)
    if (known !== undefined && isGood(known)) return known.sight
    const [lenses, made] = [lensChanges, feedChanges]
    const { lens, untilMs } = await findInForce(user)
    const sight = lens && (await openSight(deps, user, lens))
    const freshMs = sight === undefined ? Number.POSITIVE_INFINITY : deps.clock.nowMs() + reputationLimits.sightMs
    const endsMs = untilMs === 0 ? freshMs : Math.min(untilMs, freshMs)
    if (lenses === lensChanges) byUser.set(user, { sight, endsMs, made })
    return sight
  }

  /** What feeds say means nothing to who looks through no lens. */
  function isGood({ sight, endsMs, made }: Kept): boolean {
    return (sight === undefined || made === feedChanges) && deps.clock.nowMs() < endsMs
  }

  return {
    hasLens: async (user) => (await find(user)) !== undefined,
    async judge(user, items) {
      const sight = await find(user)
      if (sight === undefined || items.length === 0) return nothing
      const verdicts = await judgeThrough(sight, items)
      for (const { action } of verdicts.values()) count(action)
      return verdicts
    },
    async judgeOne(user, item) {
      const sight = await find(user)
      if (sight === undefined) return undefined
      const entities = entitiesOf(sight.compiled, item)
      await sight.learn(entities)
      const verdict = evaluate(sight.recall(entities))
      count(verdict?.action ?? 'none')
      return verdict
    },
    forgetSight(user) {
      lensChanges++
      byUser.delete(user)
    },
    forgetSights() {
      feedChanges++
    },
  }
}

/** Verdicts by event ID, of those items of which anything follows. */
export async function judgeThrough(sight: Sight, items: readonly NamedItem[]): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>()
  const { namesEvents, namesRooms } = sight.compiled
  /** Where nothing is said of single events, one look does for all that one user said in a room. */
  const groups = Map.groupBy(items, ({ eventId, sender, roomId }) => {
    if (namesEvents) return eventId
    return namesRooms ? `${sender} ${roomId}` : sender
  })
  for (const alike of groups.values()) {
    const entities = entitiesOf(sight.compiled, alike[0]!)
    await sight.learn(entities)
    const verdict = evaluate(sight.recall(entities))
    if (verdict === undefined) continue
    for (const { eventId } of alike) verdicts.set(eventId, verdict)
  }
  return verdicts
}
