/**
 * Whether a registration token may be used.
 * Spec: client-server-api#get_matrixclientv1registermloginregistration_tokenvalidity.
 */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const registrationTokenValidity = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/register/m.login.registration_token/validity',
    auth: 'none',
    limit: 'register',
    query: Type.Object({ token: Type.String() }),
    spec: 'client-server#get_matrixclientv1registermloginregistration_tokenvalidity',
  },
  async ({ users }, { query }) => ({ valid: await users.isRegistrationTokenValid(query.token) }),
)
