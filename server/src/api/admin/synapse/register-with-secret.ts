/**
 * Makes an account for who knows the shared secret, as Synapse's tools do it. Spec:
 * parallax#shared-secret-registration.
 */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { sessionReply } from '../../client/account-replies.ts'

export const registerWithSecret = endpoint(
  {
    method: 'POST',
    path: '/_synapse/admin/v1/register',
    auth: 'none',
    limit: 'register',
    body: Type.Object({
      nonce: Type.String(),
      username: Type.String(),
      password: Type.String(),
      mac: Type.String(),
      admin: Type.Optional(Type.Boolean()),
      user_type: Type.Optional(Type.String()),
      displayname: Type.Optional(Type.String({ maxLength: 256 })),
    }),
    spec: 'parallax#shared-secret-registration',
  },
  async ({ users }, { body }) => {
    const { admin: isAdmin = false, user_type: userType, displayname: displayName, ...rest } = body
    return sessionReply(await users.registerWithSecret({ ...rest, isAdmin, userType, displayName }))
  },
)
