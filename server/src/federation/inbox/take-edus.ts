/**
 * What servers tell besides events. Whoever it is about is a user of the server that tells it, and is in the room that
 * it is about, or shares one with us; the rest is ignored. Spec: server-server-api#edus.
 */

import {
  type Edu,
  type JsonValue,
  type PresenceEdu,
  ProtocolError,
  parseEdu,
  type ReceiptEdu,
  type RemoteReceipt,
  type RoomId,
  type ServerName,
  serverNameOf,
  type TypingEdu,
  type UserId,
} from '@parallax/protocol'
import type { KnownRoom } from '../../rooms/index.ts'
import type { InboxDeps } from './inbox-deps.ts'
import { eduTakenLimits } from './limits.ts'

/** Those that are well formed and of a known kind. */
export function parseEdus(deps: InboxDeps, origin: ServerName, edus: readonly JsonValue[]): Edu[] {
  return edus.flatMap((json) => {
    try {
      return parseEdu(json, origin) ?? []
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      deps.logger.debug({ origin, err: error }, 'an ephemeral message was ignored')
      return []
    }
  })
}

/** What must not be lost: messages to devices, and changes of devices and keys. In order. */
export async function takeLasting(deps: InboxDeps, origin: ServerName, edus: readonly Edu[]): Promise<void> {
  const changed = new Set<UserId>()
  for (const edu of edus) {
    if (edu.kind === 'to-device') await deps.devices.receiveToDevice(origin, edu)
    else if (edu.kind === 'device-list' || edu.kind === 'signing-key') changed.add(edu.userId)
  }
  for (const userId of changed) {
    const user = await findSharing(deps, userId)
    if (user !== undefined) await deps.devices.receiveChange(user)
  }
}

/** What counts for a while: receipts, typing, presence. */
export async function takePassing(deps: InboxDeps, origin: ServerName, edus: readonly Edu[]): Promise<void> {
  const findRoom = createRoomFinder(deps, origin)
  await takeReceipts(deps, findRoom, edus)
  let presenceLeft: number = eduTakenLimits.presenceMax
  for (const edu of edus) {
    if (edu.kind === 'typing') await takeTyping(deps, findRoom, edu)
    if (edu.kind !== 'presence') continue
    await takePresence(deps, edu, presenceLeft)
    presenceLeft = Math.max(0, presenceLeft - edu.updates.length)
  }
}

type FindRoom = (roomId: RoomId) => Promise<KnownRoom | undefined>

/** The room, if the server may take part in it; each is looked up once. */
function createRoomFinder({ rooms, access }: InboxDeps, origin: ServerName): FindRoom {
  const found = new Map<RoomId, Promise<KnownRoom | undefined>>()
  const find = async (roomId: RoomId) => {
    const info = await rooms.findRoom(roomId)
    return info !== undefined && (await access.isAllowed(origin, info.room)) ? info : undefined
  }
  return (roomId) => {
    const known = found.get(roomId) ?? find(roomId)
    found.set(roomId, known)
    return known
  }
}

/** The user's number, if joined to the room, or if it is not known who is. */
async function findJoined(
  { rooms, names }: InboxDeps,
  { room, completeSince }: KnownRoom,
  userId: UserId,
): Promise<number | undefined> {
  const [user] = await names.find([userId])
  if (completeSince === undefined) {
    return (await rooms.listJoinedServers(room)).has(serverNameOf(userId)) ? user : undefined
  }
  return user !== undefined && (await rooms.listJoinedUsers(room)).has(user) ? user : undefined
}

async function takeTyping(deps: InboxDeps, findRoom: FindRoom, { roomId, userId, isTyping }: TypingEdu): Promise<void> {
  const info = await findRoom(roomId)
  const user = info && (await findJoined(deps, info, userId))
  if (info === undefined || user === undefined) return
  const { typing } = deps.ephemeral
  if (isTyping) typing.start(info.room, user, eduTakenLimits.typingMs)
  else typing.stop(info.room, user)
}

async function takeReceipts(deps: InboxDeps, findRoom: FindRoom, edus: readonly Edu[]): Promise<void> {
  const { receiptsMax, receiptsAtOnce } = eduTakenLimits
  const receipts = edus.filter((edu): edu is ReceiptEdu => edu.kind === 'receipt').flatMap((edu) => edu.receipts)
  for (let from = 0; from < Math.min(receipts.length, receiptsMax); from += receiptsAtOnce) {
    const part = receipts.slice(from, from + receiptsAtOnce)
    await Promise.all(part.map((receipt) => takeReceipt(deps, findRoom, receipt)))
  }
}

/** One of an event, or in a thread, that is not here is ignored. */
async function takeReceipt(deps: InboxDeps, findRoom: FindRoom, receipt: RemoteReceipt): Promise<void> {
  const { roomId, userId, eventId, threadId } = receipt
  const info = await findRoom(roomId)
  const user = info && (await findJoined(deps, info, userId))
  if (info === undefined || user === undefined) return
  const isThread = threadId !== undefined && threadId !== 'main'
  const wanted = isThread ? [eventId, threadId as typeof eventId] : [eventId]
  const events = await deps.rooms.listEventsById(wanted)
  const isHere = (id: string) => events.some((event) => event.eventId === id && isShownIn(info.room, event))
  const event = events.find((one) => one.eventId === eventId)
  if (event === undefined || !wanted.every(isHere)) return
  const ts = Math.min(receipt.ts, deps.clock.nowMs())
  await deps.ephemeral.receipts.set({ user, type: 'm.read', thread: threadId ?? '', ts }, event)
}

function isShownIn(room: number, event: { readonly room: number; readonly outcome: number }): boolean {
  return event.room === room && event.outcome === 0
}

async function takePresence(deps: InboxDeps, { updates }: PresenceEdu, countMax: number): Promise<void> {
  if (!deps.presence.isEnabled) return
  for (const update of updates.slice(0, countMax)) {
    const user = await findSharing(deps, update.userId)
    if (user === undefined) continue
    deps.presence.receive(user, {
      state: update.presence,
      statusMessage: update.statusMessage,
      lastActiveMs: Math.max(0, deps.clock.nowMs() - update.lastActiveAgoMs),
      isCurrentlyActive: update.isCurrentlyActive,
    })
  }
}

/** The user's number, if a room is shared with a user of ours. */
async function findSharing({ rooms, names, domains }: InboxDeps, userId: UserId): Promise<number | undefined> {
  const [user] = await names.find([userId])
  if (user === undefined) return undefined
  for (const [room, { membership }] of await rooms.listMemberships(user)) {
    if (membership !== 'join') continue
    const servers = await rooms.listJoinedServers(room)
    if (domains.names.some((name) => servers.has(name))) return user
  }
  return undefined
}
