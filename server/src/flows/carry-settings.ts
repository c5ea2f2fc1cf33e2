/** What a user set for a room holds for its successor too. Spec: client-server-api#room-upgrades. */

import { isJsonObject, type JsonObject, type RoomId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { KnownRoom } from '../rooms/index.ts'
import type { FlowDeps } from './flow-deps.ts'

/** For who is in the room: push rule, tags and the entry in m.direct of the room that it replaces. */
export async function carrySettings(deps: FlowDeps, user: number, { room, roomId }: KnownRoom): Promise<void> {
  const create = await deps.rooms.findStateEvent(room, 'm.room.create', '')
  const predecessor = isJsonObject(create?.content.predecessor) ? create.content.predecessor.room_id : undefined
  if (typeof predecessor !== 'string') return
  const [old] = await deps.names.find([predecessor])
  if (old === undefined || (await deps.rooms.findMember(old, user)) === undefined) return
  // Anybody can claim to succeed a room: only the room itself knows its successor.
  const tombstone = await deps.rooms.findStateEvent(old, 'm.room.tombstone', '')
  if (tombstone?.content.replacement_room !== roomId) return
  await asFarAsFits(() => deps.users.copyRoomRule(user, predecessor as RoomId, roomId))
  await asFarAsFits(() => copyTags(deps, user, old, room))
  await asFarAsFits(() => copyDirect(deps, user, predecessor, roomId))
}

/** The user has joined: settings beyond what a user may have do not make that fail. */
async function asFarAsFits(copy: () => Promise<void>): Promise<void> {
  try {
    await copy()
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error
  }
}

async function copyTags({ users }: FlowDeps, user: number, from: number, to: number): Promise<void> {
  const old = parse(await users.findAccountData(user, from, 'm.tag')).tags
  const now = parse(await users.findAccountData(user, to, 'm.tag')).tags
  if (!isJsonObject(old) || isJsonObject(now)) return
  for (const [tag, value] of Object.entries(old)) await users.setTag(user, to, tag, isJsonObject(value) ? value : {})
}

async function copyDirect({ users }: FlowDeps, user: number, from: string, to: RoomId): Promise<void> {
  const direct = parse(await users.findAccountData(user, null, 'm.direct'))
  let isChanged = false
  const next = Object.entries(direct).map(([other, rooms]) => {
    if (!Array.isArray(rooms) || !rooms.includes(from) || rooms.includes(to)) return [other, rooms]
    isChanged = true
    return [other, [...rooms, to]]
  })
  if (isChanged) await users.putAccountData(user, null, 'm.direct', Object.fromEntries(next))
}

function parse(text: string | undefined): JsonObject {
  return text === undefined ? {} : JSON.parse(text)
}
