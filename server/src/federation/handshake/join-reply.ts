/**
 * What a server is told of a room that a user of its joins: the state before the join and its reasons, whole or without
 * most members. Spec: server-server-api#put_matrixfederationv2send_joinroomideventid.
 */

import { type RoomEvent, type StateMapKey, splitStateKey } from '@parallax/protocol'
import type { KnownRoom, StoredEvent } from '../../rooms/index.ts'
import type { Asking, FederationDeps } from '../federation-deps.ts'
import { pduTextsOf } from '../serve/pdu-texts.ts'

/** Members who are told where a room has neither name nor alias: those whose names make up its name. */
const HEROES_MAX = 5

export type Joined = {
  readonly asking: Asking
  /** With our signature, if we vouched for it. */
  readonly event: RoomEvent
  readonly stored: StoredEvent
  readonly omitMembers: boolean
}

/** The JSON text. */
export async function joinReplyText(
  { rooms, names }: FederationDeps,
  info: KnownRoom,
  { asking, event, stored, omitMembers }: Joined,
): Promise<string> {
  const entries = await rooms.listState(stored.snapshot)
  const keys = await names.texts(entries.map(({ slot }) => slot))
  const all = entries.map((entry, index) => ({ ...entry, key: splitStateKey(keys[index] as StateMapKey) }))
  const told = omitMembers ? withoutMembers(all, event) : all
  const state = told.map((entry) => entry.event)
  const chain = await rooms.listAuthChain([...state, stored.event])
  // Whoever omits members omits what is told twice, too.
  const known = new Set(omitMembers ? state : [])
  const auth = chain.filter((number) => !known.has(number) && number !== stored.event)
  const [stateTexts, authTexts] = await Promise.all([pduTextsOf(rooms, state), pduTextsOf(rooms, auth)])
  const servers = omitMembers ? await listServersBefore(rooms, info, asking) : undefined
  return (
    `{"origin":${JSON.stringify(asking.destination)},"members_omitted":${omitMembers},` +
    `"event":${JSON.stringify(event.pdu)},"state":[${stateTexts.join(',')}],"auth_chain":[${authTexts.join(',')}]` +
    `${servers === undefined ? '' : `,"servers_in_room":${JSON.stringify(servers)}`}}`
  )
}

/** The servers in the room before the join. */
async function listServersBefore(rooms: FederationDeps['rooms'], { room }: KnownRoom, { origin }: Asking) {
  const counts = [...(await rooms.listJoinedServers(room))]
  return counts.filter(([server, count]) => server !== origin || count > 1).map(([server]) => server)
}

type Entry = { readonly event: number; readonly key: readonly [type: string, stateKey: string] }

/** Members stay whom the join is about, or who make up the room's name if it has none. */
function withoutMembers(entries: readonly Entry[], join: RoomEvent): Entry[] {
  const isNamed = entries.some(({ key: [type, key] }) => key === '' && nameTypes.has(type))
  const authors = new Set<string>([join.sender, String(join.content.join_authorised_via_users_server ?? '')])
  let heroes = isNamed ? 0 : HEROES_MAX
  return entries.filter(({ key: [type, stateKey] }) => {
    if (type !== 'm.room.member' || authors.has(stateKey)) return true
    return heroes-- > 0
  })
}

const nameTypes: ReadonlySet<string> = new Set(['m.room.name', 'm.room.canonical_alias'])
