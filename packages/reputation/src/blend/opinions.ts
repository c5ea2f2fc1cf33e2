/**
 * What the feeds of a viewer say, by entity, and the parents through which more is known about it. Adding and removing
 * cost the same however much is there, and leave what a new beginning without the removed would have.
 */

import type { Entity, EntityKey, EntityKind } from '../entity.ts'
import { parseEntity, splitEntity } from '../entity.ts'
import { reputationLimits } from '../limits.ts'
import { compareTestimonies, prepareList, type Testimony } from './testimony.ts'

/** How much of a parent's evidence counts for a child, by their kinds. */
const inheritance: Readonly<Partial<Record<EntityKind, Readonly<Partial<Record<EntityKind, number>>>>>> = {
  user: { server: 0.25 },
  event: { user: 0.6, room: 0.25 },
  media: { user: 0.5 },
  room: { space: 0.3 },
  url: { domain: 0.5 },
}
const DEPTH_MAX = 3

/** The parents of an entity, as the asker knows them: the sender of an event, the room it is in, the uploader … */
export type ParentsOf = (entity: EntityKey) => readonly EntityKey[]

/** A user's server is part of its name, a URL's domain too: the parents that need nobody to know them. */
export function namedParents(entity: EntityKey): EntityKey[] {
  const { kind, id } = splitEntity(entity)
  if (kind === 'user') return [parseEntity('server', id.slice(id.indexOf(':') + 1))]
  if (kind === 'url') return [parseEntity('domain', /^[^:]+:\/\/([^/]+)/.exec(id)![1]!)]
  return []
}

type Said = { readonly byIdentity: Map<string, Testimony>; sorted: readonly Testimony[] | undefined }

/** In the order of a blend, so that it need not sort. */
function sortedOf(said: Said): readonly Testimony[] {
  if (said.sorted === undefined) {
    said.sorted = [...said.byIdentity.values()].sort(compareTestimonies)
    prepareList(said.sorted)
  }
  return said.sorted
}

export interface Opinions {
  /** Replaces what the same path said before. Answers false where an entity has all that it may have. */
  add(testimony: Testimony): boolean
  /** Removes what was added with the same path, context and origins for the same entity. */
  remove(testimony: Testimony): void
  /** What bears on an entity: said of it, or (with a factor) of its parents, at most three steps up. */
  listTestimonies(entity: EntityKey, parentsOf?: ParentsOf): readonly Testimony[]
}

export function createOpinions(): Opinions {
  const byEntity = new Map<EntityKey, Said>()
  return {
    add(testimony) {
      const { entity } = testimony.statement
      const said = byEntity.get(entity) ?? { byIdentity: new Map<string, Testimony>(), sorted: undefined }
      if (said.byIdentity.size >= reputationLimits.testimoniesMax) return false
      said.byIdentity.set(identityOf(testimony), testimony)
      said.sorted = undefined
      byEntity.set(entity, said)
      return true
    },
    remove(testimony) {
      const { entity } = testimony.statement
      const said = byEntity.get(entity)
      if (!said?.byIdentity.delete(identityOf(testimony))) return
      said.sorted = undefined
      if (said.byIdentity.size === 0) byEntity.delete(entity)
    },
    listTestimonies(entity, parentsOf = namedParents) {
      const said = byEntity.get(entity)
      const own = said === undefined ? [] : sortedOf(said)
      const factors = new Map<EntityKey, number>()
      climbParents(entity, 1, 0, parentsOf, factors)
      let found: Testimony[] | undefined
      for (const [parent, factor] of factors) {
        const above = byEntity.get(parent)
        if (above === undefined) continue
        found ??= [...own]
        for (const testimony of sortedOf(above)) found.push({ ...testimony, factor })
      }
      return found ?? own
    },
  }
}

/** Two things of one publisher about one entity are the same statement if they differ in nothing but its contents. */
function identityOf({ path, statement }: Testimony): string {
  const origins = statement.hops === undefined ? statement.origins.join(' ') : 'blend'
  return `${path.join(' ')}\n${statement.context}\n${origins}`
}

/** Each parent once, with the largest factor on the ways to it. */
function climbParents(
  entity: EntityKey,
  factor: number,
  depth: number,
  parentsOf: ParentsOf,
  factors: Map<EntityKey, number>,
): void {
  if (depth === DEPTH_MAX) return
  const { kind }: Entity = splitEntity(entity)
  for (const parent of parentsOf(entity)) {
    const share = inheritance[kind]?.[splitEntity(parent).kind] ?? 0
    if (share === 0 || (factors.get(parent) ?? 0) >= factor * share) continue
    factors.set(parent, factor * share)
    climbParents(parent, factor * share, depth + 1, parentsOf, factors)
  }
}
