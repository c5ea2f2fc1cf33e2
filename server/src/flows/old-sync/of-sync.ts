/** What /sync says, in the form that came before it. Spec: client-server-api#get_matrixclientv3initialsync. */

import type { JsonObject } from '@parallax/protocol'
import { renderEvents, tokenOf } from '../../rooms/index.ts'
import type { Caller } from '../../users/index.ts'
import { type PeekQuery, visibilityOf } from './of-room.ts'
import type { OldSyncDeps } from './old-sync-deps.ts'

type Events = { readonly events: readonly JsonObject[] }
type Section = {
  readonly timeline: Events & { readonly prev_batch: string }
  readonly state_after?: Events
  readonly account_data?: Events
}
type Synced = {
  readonly next_batch: string
  readonly presence?: Events
  readonly account_data?: Events
  readonly rooms?: { readonly [kind in 'join' | 'leave']?: Record<string, Section> } & {
    readonly invite?: Record<string, object>
  }
}

/** Messages for devices stay where they are: this never told of them. */
function withoutDevice({ userId, user }: Caller) {
  return { userId, user, deviceId: undefined }
}

/** The caller's rooms, each with its state and newest messages. */
export async function snapshotOfAll(
  deps: OldSyncDeps,
  caller: Caller,
  { limit, isArchivedWanted }: { readonly limit: number; readonly isArchivedWanted: boolean },
): Promise<object> {
  const filter = JSON.stringify({ room: { include_leave: isArchivedWanted, timeline: { limit } } })
  const signal = new AbortController().signal
  const text = await deps.sync.next(withoutDevice(caller), { filter, use_state_after: true }, signal)
  const { next_batch: end, rooms = {}, presence, account_data: data } = JSON.parse(text) as Synced
  const sections = [...Object.entries(rooms.join ?? {}), ...Object.entries(rooms.leave ?? {})]
  const told: object[] = []
  for (const [roomId, section] of sections) told.push(await roomOf(deps, caller, { roomId, section, end }))
  for (const roomId of Object.keys(rooms.invite ?? {})) told.push(await inviteOf(deps, caller, roomId))
  return { end, presence: presence?.events ?? [], account_data: data?.events ?? [], rooms: told }
}

type Found = { readonly roomId: string; readonly section: Section; readonly end: string }

async function roomOf(deps: OldSyncDeps, caller: Caller, { roomId, section, end }: Found): Promise<object> {
  const { room, member } = await findPlace(deps, caller, roomId)
  const { timeline, state_after: state, account_data: data } = section
  return {
    room_id: roomId,
    membership: member?.membership ?? 'leave',
    messages: { start: timeline.prev_batch, end, chunk: placed(timeline.events, roomId) },
    state: placed(state?.events ?? [], roomId),
    visibility: await visibilityOf(deps, room),
    account_data: data?.events ?? [],
  }
}

async function inviteOf(deps: OldSyncDeps, caller: Caller, roomId: string): Promise<object> {
  const { member } = await findPlace(deps, caller, roomId)
  const events = member === undefined ? [] : await deps.rooms.listEvents([member.event])
  const [invite] = await renderEvents(deps.rooms, caller, events, { nowMs: deps.clock.nowMs(), withRoomId: true })
  return { room_id: roomId, membership: 'invite', ...(invite !== undefined && { invite: JSON.parse(invite) }) }
}

async function findPlace({ names, rooms }: OldSyncDeps, { user }: Caller, roomId: string) {
  const [room] = (await names.find([roomId])) as [number]
  return { room, member: await rooms.findMember(room, user) }
}

/** Events of rooms alone: the form has no place for what has no event ID. */
const eventsOnly = {
  account_data: { limit: 0 },
  presence: { limit: 0 },
  room: { account_data: { limit: 0 }, ephemeral: { limit: 0 } },
}

/** The events of all rooms that come after a token. */
export async function listenToAll(
  deps: OldSyncDeps,
  caller: Caller,
  { from = tokenOf(deps.journal.committed()), timeout }: PeekQuery,
  signal: AbortSignal,
): Promise<object> {
  const query = { since: from, timeout, filter: JSON.stringify(eventsOnly) }
  const text = await deps.sync.next(withoutDevice(caller), query, signal)
  const { next_batch: end, rooms = {} } = JSON.parse(text) as Synced
  const chunk: JsonObject[] = []
  for (const [roomId, section] of [...Object.entries(rooms.join ?? {}), ...Object.entries(rooms.leave ?? {})]) {
    chunk.push(...placed(section.timeline.events, roomId))
  }
  for (const roomId of Object.keys(rooms.invite ?? {})) {
    const { invite } = (await inviteOf(deps, caller, roomId)) as { invite?: JsonObject }
    if (invite !== undefined) chunk.push(invite)
  }
  return { start: from, end, chunk }
}

function placed(events: readonly JsonObject[], roomId: string): JsonObject[] {
  return events.map((event) => ({ ...event, room_id: roomId }))
}
