/** Invites and knocks with the room's stripped state. Spec: client-server-api#stripped-state. */

import { type JsonValue, stateKeyOf, type UserId } from '@parallax/protocol'
import { Lru } from '../../base/index.ts'
import { contentText, headerOf, type StoredEvent } from '../../rooms/index.ts'
import { syncLimits } from '../limits.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { Place, SyncView } from '../view.ts'

export interface StrippedStates {
  /** Who sent the member event, and what came with it. */
  find(place: Pick<Place, 'event' | 'membership'>): Promise<Stripped | undefined>
}

/** `events`: JSON text of a list, the member event last. */
export type Stripped = { readonly sender: UserId; readonly events: string }

/** JSON text of a room's section in /sync: `{"invite_state":{"events":[…]}}`. */
export function strippedSectionText(place: Pick<Place, 'membership'>, { events }: Stripped): string {
  return `{"${place.membership === 'knock' ? 'knock_state' : 'invite_state'}":{"events":${events}}}`
}

/** Ignored, blocked, or put aside by the lens. Spec: client-server-api#ignoring-users, #invite-permission. */
export async function isInviteHidden(
  { rooms }: Pick<SyncDeps, 'rooms'>,
  { caller, ignored, inviteRules }: Pick<SyncView, 'caller' | 'ignored' | 'inviteRules'>,
  { membership }: Pick<Place, 'membership'>,
  { sender }: Pick<Stripped, 'sender'>,
): Promise<boolean> {
  if (membership !== 'invite') return false
  return ignored.has(sender) || inviteRules.judge(sender) !== 'allow' || (await rooms.isQuiet(caller.user, sender))
}

const strippedTypes = [
  'm.room.create',
  'm.room.join_rules',
  'm.room.name',
  'm.room.avatar',
  'm.room.topic',
  'm.room.canonical_alias',
  'm.room.encryption',
] as const

/** By member event: what was shown with an invite does not change later. */
export function createStrippedStates(deps: Pick<SyncDeps, 'rooms' | 'names'>): StrippedStates {
  const byEvent = new Lru<number, Stripped>(syncLimits.strippedBytesMax)
  return {
    async find({ event: number, membership }) {
      const known = byEvent.get(number)
      if (known !== undefined) return known
      const [event] = await deps.rooms.listEvents([number])
      if (event === undefined) return undefined
      const given = givenState(event, membership === 'knock' ? 'knock_room_state' : 'invite_room_state')
      const others = given ?? (await computeState(deps, event))
      const events = `[${[...others, strippedText(event)].join(',')}]`
      const stripped = { sender: headerOf(event).sender, events }
      byEvent.set(number, stripped, events.length)
      return stripped
    },
  }
}

/** The state that came with a remote server's event. */
function givenState(event: StoredEvent, field: string): string[] | undefined {
  if (!event.rest.includes(`"${field}"`)) return undefined
  const given: JsonValue | undefined = JSON.parse(`{${event.rest}}`).unsigned?.[field]
  if (!Array.isArray(given)) return undefined
  const { stateKey } = headerOf(event)
  const isOwn = (entry: JsonValue) =>
    (entry as { type?: unknown })?.type === 'm.room.member' && (entry as { state_key?: unknown }).state_key === stateKey
  return given.filter((entry) => !isOwn(entry)).map((entry) => JSON.stringify(entry))
}

/** From the state before the event: what the room is, and who sent the invite. */
async function computeState({ rooms, names }: Pick<SyncDeps, 'rooms' | 'names'>, event: StoredEvent) {
  if (event.snapshot === 0) return []
  const { sender } = headerOf(event)
  const keys = [...strippedTypes.map((type) => stateKeyOf(type, '')), stateKeyOf('m.room.member', sender)]
  const slots = (await names.find(keys)).filter((slot) => slot !== undefined && slot !== event.slot)
  const numbers = await rooms.findState(event.snapshot, slots as number[])
  const events = await rooms.listEvents(numbers.filter((number) => number !== undefined))
  return events.map(strippedText)
}

function strippedText(event: StoredEvent): string {
  const { sender, stateKey, type } = headerOf(event)
  // Spec: msc4311: of the create event more is told.
  const more = type === 'm.room.create' ? { event_id: event.eventId, origin_server_ts: event.ts } : {}
  const rest = JSON.stringify({ sender, state_key: stateKey, type, ...more })
  return `{"content":${contentText(event)},${rest.slice(1)}`
}
