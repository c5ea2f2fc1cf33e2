/** Compiled lenses of those who look now: made when first asked for, dropped when what they rest on changes. */

import { type EntityKey, mediaLimits, pdqDistance } from '@parallax/reputation'
import { Lru } from '../base/index.ts'
import { type CompiledLens, compileLens, PICTURE } from './compile-lens.ts'
import { hear } from './hear.ts'
import { entitiesOf, evaluate, type Judged, judgeEntity } from './judge.ts'
import { reputationLimits } from './limits.ts'
import type { CountDecision } from './observe.ts'
import type { Look, SeenItem, Sights, Verdict, WrittenLens } from './reputation.ts'
import type { LensDeps } from './sealed-names.ts'
import { withCopies } from './weigh-feeds.ts'

/** A lens in force until a time; 0: until it is changed. */
export type InForce = { readonly lens: WrittenLens | undefined; readonly untilMs: number }

export type Sight = {
  readonly compiled: CompiledLens
  /** Undefined: nothing follows for the item. What single events are said to be is not remembered. */
  judge(item: SeenItem): Verdict | undefined | Promise<Verdict | undefined>
  /** As `judge`, of anything, the nearest first. */
  judgeEntities(entities: readonly EntityKey[]): Promise<Verdict | undefined>
  /** What is in memory, in the order asked for. */
  recall(entities: readonly EntityKey[]): readonly Judged[]
}

/** A sight of a lens that need not be anybody's chosen one. */
export async function openSight(deps: LensDeps, user: number, lens: WrittenLens) {
  const { store, clock, randomBytes } = deps
  const seed = Buffer.from(randomBytes(4)).readUInt32LE()
  const plain = await compileLens(store.reader, user, lens, seed)
  const weights = await deps.feedWeights.find(plain.lens, { sources: plain.direct })
  const compiled: CompiledLens = { ...plain, lens: withCopies(plain.lens, weights.copies), weights }
  const { namesEvents, namesRooms } = compiled
  const remembered = new Lru<EntityKey, Judged>(reputationLimits.rememberedMax)
  const verdicts = new Lru<string, { readonly verdict: Verdict | undefined }>(reputationLimits.rememberedMax)

  async function judge(item: SeenItem): Promise<Verdict | undefined> {
    return judgeEntities(entitiesOf(compiled, item))
  }

  async function judgeEntities(entities: readonly EntityKey[]): Promise<Verdict | undefined> {
    const grounds: Judged[] = []
    for (const entity of withPictureRules(compiled, entities))
      grounds.push(remembered.get(entity) ?? (await learn(entity)))
    return evaluate(grounds)
  }

  async function learn(entity: EntityKey): Promise<Judged> {
    const nowMs = clock.nowMs()
    const judged = judgeEntity(compiled, entity, await hear(deps, compiled, entity, nowMs), nowMs)
    remembered.set(entity, judged)
    return judged
  }

  async function judgeAnew(key: string, item: SeenItem): Promise<Verdict | undefined> {
    const verdict = await judge(item)
    verdicts.set(key, { verdict })
    return verdict
  }

  const sight: Sight = {
    compiled,
    judgeEntities,
    judge(item) {
      if (namesEvents) return judge(item)
      const key = namesRooms ? `${item.sender} ${item.roomId}` : item.sender
      const known = verdicts.get(key)
      return known === undefined ? judgeAnew(key, item) : known.verdict
    },
    recall: (entities) => entities.map((entity) => remembered.get(entity)).filter((judged) => judged !== undefined),
  }
  return sight
}

/** Own rules on pictures hold for those that look alike; the nearest rule is the one on the picture itself. */
function withPictureRules({ pictureRules }: CompiledLens, entities: readonly EntityKey[]): readonly EntityKey[] {
  if (pictureRules.length === 0) return entities
  return entities.flatMap((entity) => {
    if (!entity.startsWith(PICTURE)) return [entity]
    const hash = entity.slice(PICTURE.length)
    const near = pictureRules.filter((rule) => rule !== hash && pdqDistance(rule, hash) <= mediaLimits.distanceMax)
    return [entity, ...near.map((rule) => `${PICTURE}${rule}` as EntityKey)]
  })
}

/** `look` is undefined where there is no lens. */
type Kept = { readonly look: Look | undefined; readonly endsMs: number; readonly made: number }

export type SightsOf = Sights & {
  /** The user's lens is another now. */
  forgetSight(user: number): void
  /** What feeds say is other now. */
  forgetSights(): void
}

export function createSights(
  deps: LensDeps,
  findInForce: (user: number) => Promise<InForce>,
  count: CountDecision,
): SightsOf {
  const byUser = new Lru<number, Kept>(reputationLimits.sightsMax)
  /** Of users (by number), and of what feeds say: who began before the last change does not keep what it made. */
  let lensChanges = 0
  let feedChanges = 0

  function find(user: number): Kept | Promise<Kept> {
    const known = byUser.get(user)
    return known !== undefined && isGood(known) ? known : open(user)
  }

  async function open(user: number): Promise<Kept> {
    const [lenses, made] = [lensChanges, feedChanges]
    const { lens, untilMs } = await findInForce(user)
    const sight = lens && (await openSight(deps, user, lens))
    const freshMs = sight === undefined ? Number.POSITIVE_INFINITY : deps.clock.nowMs() + reputationLimits.sightMs
    const endsMs = untilMs === 0 ? freshMs : Math.min(untilMs, freshMs)
    const kept = { look: sight && toLook(sight), endsMs, made }
    if (lenses === lensChanges) byUser.set(user, kept)
    return kept
  }

  /** What feeds say means nothing to who looks through no lens. */
  function isGood({ look, endsMs, made }: Kept): boolean {
    return (look === undefined || made === feedChanges) && deps.clock.nowMs() < endsMs
  }

  function toLook({ compiled, judge, judgeEntities }: Sight): Look {
    return {
      namesPictures: compiled.namesPictures,
      async judgeEntities(entities) {
        if (entities.length === 0) return undefined
        const verdict = await judgeEntities(entities)
        count(verdict?.action ?? 'none')
        return verdict
      },
      namesEvents: compiled.namesEvents,
      async judge(item) {
        const verdict = await judge(item)
        count(verdict?.action ?? 'none')
        return verdict
      },
    }
  }

  async function openLook(user: number): Promise<Look | undefined> {
    return (await find(user)).look
  }

  return {
    openLook,
    hasLens: async (user) => (await openLook(user)) !== undefined,
    judgeOne: async (user, item) => (await openLook(user))?.judge(item),
    forgetSight(user) {
      lensChanges++
      byUser.delete(user)
    },
    forgetSights() {
      feedChanges++
    },
  }
}
