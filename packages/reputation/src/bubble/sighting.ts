/** What a viewer could have seen with the lens off, and how a lens shows it: the material of the bubble metrics. */

import type { BlendOptions } from '../blend/blend.ts'
import type { Lens } from '../blend/lens.ts'
import { evaluate } from '../blend/outcome.ts'
import type { Testimony } from '../blend/testimony.ts'
import { type Action, actions, type ContextClass, findContext } from '../context.ts'
import type { EntityKey } from '../entity.ts'

/** What bears on an item: an entity behind it (its sender, its room, itself) in one context. */
export type Ground = {
  readonly entity: EntityKey
  readonly context: string
  readonly testimonies: readonly Testimony[]
}

/** An item that the viewer would see with the lens off. */
export type Sighting = {
  readonly item: string
  readonly sender: string
  readonly room: string
  /** What diversity is measured over: the server, the community, the language … of the item. */
  readonly cluster: string
  readonly grounds: readonly Ground[]
}

/** How a lens shows an item; class and conflict are those of the ground that decided. */
export type Showing = {
  readonly sighting: Sighting
  readonly action: Action
  readonly class: ContextClass | undefined
  /** 0: unanimous, 1: split. */
  readonly conflict: number
}

/** The strongest action that follows from any ground of an item; of equally strong ones the first ground's. */
export function showItem(lens: Lens, sighting: Sighting, options: BlendOptions): Showing {
  let shown: Showing = { sighting, action: 'none', class: undefined, conflict: 0 }
  for (const { entity, context, testimonies } of sighting.grounds) {
    const { action, estimate } = evaluate(lens, entity, context, testimonies, options)
    if (actions.indexOf(action) <= actions.indexOf(shown.action)) continue
    shown = { sighting, action, class: findContext(context).class, conflict: estimate.conflict }
  }
  return shown
}

/** Whether an item is kept from sight until the viewer asks for it: blurred, hidden or refused. */
export function isKeptBack({ action }: Pick<Showing, 'action'>): boolean {
  return actions.indexOf(action) >= actions.indexOf('blur')
}
