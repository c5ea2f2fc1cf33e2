/** A member with the power to invite, who can vouch for a restricted join. Spec: rooms/v8#authorization-rules. */

import {
  type AuthState,
  levelFor,
  powerOf,
  type ServerName,
  serverNameOf,
  stateKeyOf,
  type UserId,
} from '@parallax/protocol'
import type { Names } from '../store/index.ts'
import type { Heads } from './heads.ts'
import type { Memory } from './memory.ts'

type Deps = { readonly heads: Heads; readonly memory: Memory; readonly names: Names }

/** Joined users whose power is looked at together. */
const USERS_AT_ONCE = 200

/** A joined user of one of these servers who may invite. */
export async function findInviter(
  { heads, memory, names }: Deps,
  room: number,
  isOurs: (server: ServerName) => boolean,
): Promise<UserId | undefined> {
  const head = await heads.find(room)
  if (head === undefined) return undefined
  const key = stateKeyOf('m.room.power_levels', '')
  const levels = (await heads.loadCells(head, [key])).get(key)?.event
  const state: AuthState = { get: (type) => (type === 'm.room.power_levels' ? levels : undefined) }
  const needed = levelFor(head.rules, state, 'invite')
  const joined = [...(await memory.listJoinedUsers(room))]
  for (let from = 0; from < joined.length; from += USERS_AT_ONCE) {
    const users = (await names.texts(joined.slice(from, from + USERS_AT_ONCE))) as UserId[]
    const canInvite = (user: UserId) => powerOf(head.rules, state, user, head.create) >= needed
    const found = users.find((user) => isOurs(serverNameOf(user)) && canInvite(user))
    if (found !== undefined) return found
  }
  return undefined
}
