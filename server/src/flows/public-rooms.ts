/** Pages of the public room directory. Spec: client-server-api#get_matrixclientv3publicrooms. */

import { isJsonObject, isServerName, type JsonObject, type ServerName } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { KnownRoom } from '../rooms/index.ts'
import type { FlowDeps } from './flow-deps.ts'
import { explainRemote } from './remote-room.ts'

export type PublicRoomsRequest = {
  readonly limit?: number
  readonly since?: string
  readonly server?: string
  readonly filter?: DirectoryFilter
}

export type DirectoryFilter = {
  readonly generic_search_term?: string
  /** Null: rooms without a type. */
  readonly room_types?: readonly (string | null)[]
}

const PAGE_MAX = 500
/** Rooms that a search looks at, those with most members first. */
const SCAN_MAX = 10_000

/** One page: most joined first; tokens are places in that order. Throws MatrixError M_INVALID_PARAM, M_NOT_FOUND. */
export async function listPublicRooms(deps: FlowDeps, request: PublicRoomsRequest, reader?: number): Promise<object> {
  const { server } = request
  if (server !== undefined && !deps.isLocal(server as ServerName)) return askServer(deps, server, request, reader)
  const start = request.since === undefined ? 0 : parsePlace(request.since)
  const limit = Math.max(0, Math.min(request.limit ?? PAGE_MAX, PAGE_MAX))
  const { chunk, total } = await findEntries(deps, request.filter ?? {}, { start, limit, reader })
  return {
    chunk,
    total_room_count_estimate: total,
    ...(start + limit < total && limit > 0 ? { next_batch: `p${start + limit}` } : {}),
    ...(start > 0 ? { prev_batch: `p${Math.max(0, start - limit)}` } : {}),
  }
}

async function askServer(
  deps: FlowDeps,
  server: string,
  { limit, since, filter }: PublicRoomsRequest,
  reader: number | undefined,
): Promise<object> {
  if (!isServerName(server) || !deps.remote.isAllowed(server)) {
    throw new MatrixError('M_NOT_FOUND', `This server does not ask ${server} for its rooms.`)
  }
  const question = {
    limit: Math.max(0, Math.min(limit ?? PAGE_MAX, PAGE_MAX)),
    ...(since === undefined ? {} : { since }),
    ...(filter === undefined ? {} : { filter: filter as JsonObject }),
  }
  try {
    const reply = await deps.remote.calls.listPublicRooms({ origin: deps.ownServer, destination: server }, question)
    return { ...reply, chunk: await withoutUnlisted(deps, server, reply.chunk, reader) }
  } catch (error) {
    throw explainRemote(error, server, `${server} does not tell its rooms.`)
  }
}

/** Entries from place `start` on among those that match, and how many match in all. */
async function findEntries(
  deps: FlowDeps,
  filter: DirectoryFilter,
  { start, limit, reader }: { readonly start: number; readonly limit: number; readonly reader: number | undefined },
): Promise<{ chunk: JsonObject[]; total: number }> {
  const listed = await deps.rooms.listPublicRooms()
  const isFiltered = filter.room_types !== undefined || (filter.generic_search_term ?? '') !== ''
  const looked = isFiltered ? listed.slice(0, SCAN_MAX) : listed.slice(start, start + limit)
  const entries: JsonObject[] = []
  for (const { room } of looked) {
    const info = await deps.rooms.findRoomByNumber(room)
    const entry = info && (await directoryEntry(deps, info))
    if (entry !== undefined && matches(entry, filter) && !(await isUnlisted(deps, info!, reader))) entries.push(entry)
  }
  if (!isFiltered) return { chunk: entries, total: listed.length }
  return { chunk: entries.slice(start, start + limit), total: entries.length }
}

/** Rooms that the server's lens or the reader's keeps back, or whose creators it does, are not listed. */
export async function isUnlisted(
  { rooms }: Pick<FlowDeps, 'rooms'>,
  { room, roomId }: Pick<KnownRoom, 'room' | 'roomId'>,
  reader: number | undefined,
): Promise<boolean> {
  const create = await rooms.findStateEvent(room, 'm.room.create', '')
  const isSpace = create?.content.type === 'm.space'
  return rooms.isUnlisted({ roomId, isSpace, creator: create?.sender }, reader)
}

/** What another server tells, without what is kept back here; it may be no list at all. */
async function withoutUnlisted(
  { rooms }: FlowDeps,
  server: string,
  chunk: unknown,
  reader: number | undefined,
): Promise<unknown> {
  if (!Array.isArray(chunk)) return chunk
  const listed: unknown[] = []
  for (const entry of chunk.slice(0, PAGE_MAX)) {
    const { room_id: roomId, room_type: type } = isJsonObject(entry) ? entry : {}
    const isNamed = typeof roomId === 'string'
    if (!isNamed || !(await rooms.isUnlisted({ roomId, isSpace: type === 'm.space', server }, reader))) {
      listed.push(entry)
    }
  }
  return listed
}

function parsePlace(token: string): number {
  const place = /^p(\d{1,9})$/.exec(token)?.[1]
  if (place === undefined) throw new MatrixError('M_INVALID_PARAM', 'This is not a token of the room directory.')
  return Number(place)
}

/** What the directory tells of a room. */
export async function directoryEntry(deps: Pick<FlowDeps, 'rooms'>, info: KnownRoom): Promise<JsonObject> {
  const field = async (type: string, name: string) =>
    (await deps.rooms.findStateEvent(info.room, type, ''))?.content[name]
  const visibility = await field('m.room.history_visibility', 'history_visibility')
  const guests = await field('m.room.guest_access', 'guest_access')
  const entry: JsonObject = {
    room_id: info.roomId,
    num_joined_members: info.joinedCount,
    world_readable: visibility === 'world_readable',
    guest_can_join: guests === 'can_join',
    join_rule: text(await field('m.room.join_rules', 'join_rule')) ?? 'invite',
  }
  const optional = {
    name: text(await field('m.room.name', 'name')),
    topic: text(await field('m.room.topic', 'topic')),
    avatar_url: text(await field('m.room.avatar', 'url')),
    canonical_alias: text(await field('m.room.canonical_alias', 'alias')),
    room_type: text(await field('m.room.create', 'type')),
  }
  for (const [name, value] of Object.entries(optional)) if (value !== undefined) entry[name] = value
  return entry
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function matches(entry: JsonObject, filter: DirectoryFilter): boolean {
  const types = filter.room_types
  if (types !== undefined && !types.includes((entry.room_type as string | undefined) ?? null)) return false
  const term = filter.generic_search_term?.toLowerCase()
  if (term === undefined || term === '') return true
  return [entry.name, entry.topic, entry.canonical_alias].some(
    (value) => typeof value === 'string' && value.toLowerCase().includes(term),
  )
}
