/**
 * Ends an account: the user leaves all rooms, then everything but the ID is gone.
 * Spec: client-server-api#account-deactivation.
 */

import type { JsonObject, RoomId } from '@parallax/protocol'
import type { Authenticated, Caller } from '../users/index.ts'
import type { AccountDeps } from './account-deps.ts'
import { type UnbindResult, unbindEverything } from './bind-threepid.ts'
import { forEachRoom } from './for-each-room.ts'

/** After a crash half-way the user is still logged in and can ask again. */
export async function deactivateAccount(
  deps: AccountDeps,
  caller: Caller,
  auth: JsonObject | undefined,
  idServer?: string,
): Promise<Authenticated<UnbindResult>> {
  const { users, devices, rooms, names, presence, reputation } = deps
  const challenge = await users.authenticate(caller, 'deactivate', auth)
  if (challenge !== undefined) return { challenge }
  await forEachRoom(deps, caller.user, ['join', 'invite', 'knock'], async ({ room }) => {
    const [roomId] = (await names.texts([room])) as [RoomId]
    const content = { membership: 'leave' }
    await rooms.send(roomId, caller.userId, { type: 'm.room.member', stateKey: caller.userId, content })
  })
  const unbound = await unbindEverything(deps, caller, idServer)
  await devices.removeEverything(caller.user)
  await presence.forget(caller.user)
  await reputation.forget(caller.user)
  await users.removeAccount(caller.user)
  return { done: unbound }
}
