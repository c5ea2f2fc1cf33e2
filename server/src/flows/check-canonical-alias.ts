/**
 * What a canonical alias event may name. Spec: client-server-api#put_matrixclientv3roomsroomidstateeventtypestatekey.
 */

import { type JsonObject, parseRoomAlias, type RoomAlias, type RoomId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { FlowDeps } from './flow-deps.ts'
import { parseOrExplain } from './parse-or-explain.ts'

/** Aliases in one event that were not in the one before. */
const NEW_ALIASES_MAX = 100

/** New aliases must lead to this room. Throws MatrixError M_BAD_ALIAS, M_INVALID_PARAM. */
export async function checkCanonicalAlias(deps: FlowDeps, roomId: RoomId, content: JsonObject): Promise<void> {
  const info = await deps.rooms.findRoom(roomId)
  if (info === undefined) return
  const before = await deps.rooms.findStateEvent(info.room, 'm.room.canonical_alias', '')
  const known = new Set<unknown>(before === undefined ? [] : [before.content.alias, before.content.alt_aliases].flat())
  for (const alias of parseAliases(content, known)) {
    const row = await deps.rooms.findAlias(alias)
    if (row?.room !== info.room) throw new MatrixError('M_BAD_ALIAS', `The alias ${alias} does not lead to this room.`)
  }
}

/** The aliases that the content names, without the known ones. Throws MatrixError M_INVALID_PARAM. */
export function parseAliases(content: JsonObject, known: ReadonlySet<unknown>): RoomAlias[] {
  const { alias, alt_aliases: alternatives } = content
  if (!Array.isArray(alternatives ?? [])) throw new MatrixError('M_INVALID_PARAM', 'alt_aliases must be a list.')
  const named = [alias, alternatives].flat().filter((one) => one !== undefined && one !== null)
  // An empty text stands for no alias.
  const fresh = named.filter((one) => !known.has(one) && !(one === '' && one === alias))
  if (fresh.length > NEW_ALIASES_MAX) {
    throw new MatrixError('M_INVALID_PARAM', `At most ${NEW_ALIASES_MAX} aliases can be added at once.`)
  }
  return fresh.map((one) => {
    if (typeof one !== 'string') throw new MatrixError('M_INVALID_PARAM', `${JSON.stringify(one)} is no room alias.`)
    return parseOrExplain(() => parseRoomAlias(one))
  })
}
