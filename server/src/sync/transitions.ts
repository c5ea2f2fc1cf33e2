/** What member events changed: the membership before and after. */

import { Lru } from '../base/index.ts'
import { contentText, type Membership, type StoredEvent } from '../rooms/index.ts'
import type { MemberChange } from './changes.ts'
import { syncLimits } from './limits.ts'
import type { SyncDeps } from './sync-deps.ts'

export type Transition = MemberChange & { readonly before: Membership; readonly after: Membership }

export interface Transitions {
  /** In the order of the changes; events that are gone are left out. */
  list(changes: readonly MemberChange[]): Promise<Transition[]>
}

type Step = { readonly before: Membership; readonly after: Membership }

export function createTransitions({ rooms }: Pick<SyncDeps, 'rooms'>): Transitions {
  const byEvent = new Lru<number, Step>(syncLimits.heroRoomsMax)

  async function load(numbers: readonly number[]): Promise<void> {
    const events = await rooms.listEvents(numbers)
    const replaced = events.map((event) => event.replaces).filter((number) => number !== null)
    const earlier = new Map((await rooms.listEvents(replaced)).map((event) => [event.event, event]))
    for (const event of events) {
      const before = event.replaces === null ? undefined : earlier.get(event.replaces)
      byEvent.set(event.event, { before: before ? membershipOf(before) : 'leave', after: membershipOf(event) })
    }
  }

  return {
    async list(changes) {
      const missing = changes.map((change) => change.event).filter((event) => !byEvent.has(event))
      if (missing.length > 0) await load(missing)
      return changes.flatMap((change) => {
        const step = byEvent.get(change.event)
        return step === undefined ? [] : [{ ...change, ...step }]
      })
    },
  }
}

/** The `membership` of a member event; what is none counts as a leave. */
export function membershipOf(event: StoredEvent): Membership {
  const { membership } = JSON.parse(contentText(event))
  return ['join', 'invite', 'ban', 'knock'].includes(membership) ? membership : 'leave'
}
