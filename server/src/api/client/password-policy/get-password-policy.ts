/** What passwords this server takes. Spec: msc2000. */

import { endpoint } from '../../../http/index.ts'

export const getPasswordPolicy = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/password_policy',
    auth: 'none',
    limit: 'default',
    spec: 'msc2000#proposal',
  },
  ({ users }) => users.passwordPolicy,
)
