/** Receipts, read markers and typing as clients set them. Spec: client-server-api#receipts. */

import type { DeviceId, EventId, RoomId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { ephemeralLimits, type KnownRoom, leadsTo, type StoredEvent, threadOf } from '../rooms/index.ts'
import type { ReadMarkers, ReceiptRequest, SyncCaller } from './sync.ts'
import type { SyncDeps } from './sync-deps.ts'

type MarkerDeps = Pick<SyncDeps, 'store' | 'rooms' | 'ephemeral' | 'users' | 'presence'>

/** See `Sync.sendReceipt`. */
export async function sendReceipt(deps: MarkerDeps, caller: SyncCaller, request: ReceiptRequest): Promise<void> {
  const { roomId, type, eventId, threadId } = request
  const thread = checkThreadId(type, threadId)
  if (type === 'm.fully_read') return setReadMarkers(deps, caller, roomId, { fullyRead: eventId })
  const info = await requireJoined(deps, caller, roomId)
  noteActivity(deps, caller)
  const event = await requireEvent(deps, info, eventId)
  if (thread !== '') await checkThread(deps, info, event, thread)
  await deps.ephemeral.receipts.set({ user: caller.user, type, thread }, event)
}

/** See `Sync.setReadMarkers`. */
export async function setReadMarkers(
  deps: MarkerDeps,
  caller: SyncCaller,
  roomId: RoomId,
  { fullyRead, read, readPrivate }: ReadMarkers,
): Promise<void> {
  const info = await requireJoined(deps, caller, roomId)
  noteActivity(deps, caller)
  const events = {
    fullyRead: fullyRead && (await requireEvent(deps, info, fullyRead)),
    read: read && (await requireEvent(deps, info, read)),
    readPrivate: readPrivate && (await requireEvent(deps, info, readPrivate)),
  }
  const { receipts } = deps.ephemeral
  const own = { user: caller.user, thread: '' }
  if (events.fullyRead) await storeFullyRead(deps, caller, info, events.fullyRead)
  if (events.read) await receipts.set({ ...own, type: 'm.read' }, events.read)
  if (events.readPrivate) await receipts.set({ ...own, type: 'm.read.private' }, events.readPrivate)
}

async function storeFullyRead(deps: MarkerDeps, caller: SyncCaller, info: KnownRoom, event: StoredEvent) {
  const content = JSON.stringify({ event_id: event.eventId })
  await deps.store.transact((tx) => {
    deps.users.writeAccountData(tx, caller.user, info.room, 'm.fully_read', content)
  })
}

/** See `Sync.setTyping`. */
export async function setTyping(
  deps: MarkerDeps,
  caller: SyncCaller,
  roomId: RoomId,
  timeoutMs: number | undefined,
): Promise<void> {
  const info = await requireJoined(deps, caller, roomId)
  noteActivity(deps, caller)
  const { typing } = deps.ephemeral
  if (timeoutMs === undefined) typing.stop(info.room, caller.user)
  else typing.start(info.room, caller.user, Math.min(timeoutMs, ephemeralLimits.typingTimeoutMaxMs))
}

function noteActivity({ presence }: MarkerDeps, { user, deviceId = '' as DeviceId }: SyncCaller): void {
  presence.noteActivity(user, deviceId)
}

async function requireJoined({ rooms }: MarkerDeps, caller: SyncCaller, roomId: RoomId): Promise<KnownRoom> {
  const info = await rooms.findRoom(roomId)
  const member = info && (await rooms.listMemberships(caller.user)).get(info.room)
  if (info === undefined || member?.membership !== 'join') {
    throw new MatrixError('M_FORBIDDEN', `You are not in the room ${roomId}.`)
  }
  return info
}

async function requireEvent({ rooms }: MarkerDeps, info: KnownRoom, eventId: EventId): Promise<StoredEvent> {
  const event = await rooms.findEvent(eventId)
  if (event === undefined || event.room !== info.room || event.stream === null || event.outcome !== 0) {
    throw new MatrixError('M_NOT_FOUND', `There is no event ${eventId} in this room.`)
  }
  return event
}

/** Empty: unthreaded. */
function checkThreadId(type: ReceiptRequest['type'], threadId: unknown): string {
  if (threadId === undefined) return ''
  if (typeof threadId !== 'string' || threadId === '') {
    throw new MatrixError('M_INVALID_PARAM', 'thread_id must be a non-empty string.')
  }
  if (threadId !== 'main' && (!threadId.startsWith('$') || threadId.length > 255)) {
    throw new MatrixError('M_INVALID_PARAM', 'thread_id must be "main" or the ID of an event.')
  }
  if (type === 'm.fully_read') {
    throw new MatrixError('M_INVALID_PARAM', 'thread_id does not go with m.fully_read.')
  }
  return threadId
}

/**
 * A thread's root belongs to the main timeline, and to its thread. An event that relates to the root in another way is
 * of the main timeline, but may mark how far the thread was read.
 */
async function checkThread(deps: MarkerDeps, info: KnownRoom, event: StoredEvent, thread: string): Promise<void> {
  const isMain = thread === 'main'
  if (isMain ? (await threadOf(deps.rooms, info, event)) === 'main' : event.eventId === thread) return
  if (!isMain && (await leadsTo(deps.rooms, info, event, thread))) return
  throw new MatrixError('M_INVALID_PARAM', `The event ${event.eventId} is not in the thread ${thread}.`)
}
