/**
 * Which entities a user may have looked up: those that they see anyway, and a few in an hour that they name themselves.
 * Whoever could ask about any name as often as they like would read whole feeds, sealed ones too.
 */

import { type EventId, serverNameOf, type UserId } from '@parallax/protocol'
import { type Clock, Lru, MatrixError } from '../base/index.ts'
import type { Rooms } from '../rooms/index.ts'
import type { Names } from '../store/index.ts'
import type { Actor } from './flow-deps.ts'

export type LookupDeps = {
  readonly rooms: Pick<Rooms, 'listMemberships' | 'listSharingUsers' | 'listEvents' | 'findEvent' | 'filterVisible'>
  readonly names: Names
  readonly clock: Clock
}

export type Entity = { readonly kind: string; readonly entity: string }

/** Names of things that are not seen, by one user in an hour; and users of whom it is remembered. */
const NAMED_MAX = 60
const HOUR_MS = 3_600_000
const USERS_MAX = 10_000

type Named = { readonly untilMs: number; readonly entities: Set<string> }

/** Throws MatrixError M_LIMIT_EXCEEDED for one more than a user may name that they do not see. */
export function createLookupGuard(deps: LookupDeps): (actor: Actor, entity: Entity) => Promise<void> {
  const named = new Lru<number, Named>(USERS_MAX)
  return async (actor, entity) => {
    if (await isSeen(deps, actor, entity)) return
    const nowMs = deps.clock.nowMs()
    const known = named.get(actor.user)
    const own =
      known !== undefined && known.untilMs > nowMs ? known : { untilMs: nowMs + HOUR_MS, entities: new Set<string>() }
    const key = `${entity.kind} ${entity.entity}`
    if (own.entities.size >= NAMED_MAX && !own.entities.has(key)) {
      const message = `You can ask about ${NAMED_MAX} names an hour that you do not see.`
      throw new MatrixError('M_LIMIT_EXCEEDED', message, { retry_after_ms: own.untilMs - nowMs })
    }
    own.entities.add(key)
    named.set(actor.user, own)
  }
}

async function isSeen(deps: LookupDeps, actor: Actor, { kind, entity }: Entity): Promise<boolean> {
  switch (kind) {
    case 'user':
      return entity === actor.userId || (await isMet(deps, actor, (userId) => userId === entity))
    case 'server':
      return isMet(deps, actor, (userId) => serverNameOf(userId) === entity)
    case 'room':
    case 'space':
      return isRoomSeen(deps, actor, entity)
    case 'event':
      return isEventSeen(deps, actor, entity as EventId)
    default:
      return false
  }
}

/** Of those who share a room with the user, or who invited them. */
async function isMet({ rooms, names }: LookupDeps, actor: Actor, isIt: (userId: UserId) => boolean) {
  const memberships = [...(await rooms.listMemberships(actor.user)).values()]
  const invites = memberships.filter(({ membership }) => membership === 'invite').map(({ event }) => event)
  const inviters = (await rooms.listEvents(invites)).map(({ sender }) => sender)
  const met = [...(await rooms.listSharingUsers(actor.user)), ...inviters]
  return ((await names.texts(met)) as UserId[]).some(isIt)
}

async function isRoomSeen({ rooms, names }: LookupDeps, actor: Actor, roomId: string): Promise<boolean> {
  const [room] = await names.find([roomId])
  return room !== undefined && (await rooms.listMemberships(actor.user)).has(room)
}

async function isEventSeen({ rooms }: LookupDeps, actor: Actor, eventId: EventId): Promise<boolean> {
  const event = await rooms.findEvent(eventId)
  return event !== undefined && (await rooms.filterVisible(event.room, actor.userId, [event])).length > 0
}
