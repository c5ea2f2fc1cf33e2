/**
 * A new password; other devices are logged out unless the user wants otherwise.
 * Spec: client-server-api#post_matrixclientv3accountpassword.
 */

import type { JsonObject } from '@parallax/protocol'
import type { Devices } from '../devices/index.ts'
import type { Authenticated, Caller, Users } from '../users/index.ts'

/** For who forgot the password: whoever reads the mail of the account's address. */
export async function resetPassword(
  { users, devices }: { readonly users: Users; readonly devices: Devices },
  { password, isLogoutWanted, auth }: PasswordRequest,
): Promise<Authenticated<undefined>> {
  const outcome = await users.resetPassword(password, auth)
  if ('challenge' in outcome) return outcome
  if (isLogoutWanted) await devices.removeAllDevices(outcome.done)
  return { done: undefined }
}

export type PasswordRequest = {
  readonly password: string
  readonly isLogoutWanted: boolean
  readonly auth: JsonObject | undefined
}

/** Throws M_WEAK_PASSWORD, M_INVALID_PARAM. */
export async function changePassword(
  { users, devices }: { readonly users: Users; readonly devices: Devices },
  caller: Caller,
  { password, isLogoutWanted, auth }: PasswordRequest,
): Promise<Authenticated<undefined>> {
  users.checkPassword(password)
  const challenge = await users.authenticate(caller, 'change-password', auth)
  if (challenge !== undefined) return { challenge }
  await users.setPassword(caller.user, password)
  if (isLogoutWanted) await devices.removeAllDevices(caller.user, caller.deviceId)
  return { done: undefined }
}
