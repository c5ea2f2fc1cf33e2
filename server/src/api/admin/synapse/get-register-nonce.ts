/**
 * A nonce for registering with the shared secret, as Synapse's tools ask for it. Spec:
 * parallax#shared-secret-registration.
 */

import { endpoint } from '../../../http/index.ts'

export const getRegisterNonce = endpoint(
  {
    method: 'GET',
    path: '/_synapse/admin/v1/register',
    auth: 'none',
    limit: 'register',
    spec: 'parallax#shared-secret-registration',
  },
  ({ users }) => ({ nonce: users.createNonce() }),
)
