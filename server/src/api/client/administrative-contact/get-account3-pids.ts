/** Addresses of an account. Spec: client-server-api#get_matrixclientv3account3pid. */

import { endpoint } from '../../../http/index.ts'

export const getAccount3Pids = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/account/3pid',
    auth: 'user',
    limit: 'default',
    spec: 'client-server#get_matrixclientv3account3pid',
  },
  async ({ users }, { caller }) => ({
    threepids: (await users.listThreePids(caller.user)).map((row) => ({
      medium: row.medium,
      address: row.address,
      validated_at: row.validatedMs,
      added_at: row.addedMs,
    })),
  }),
)
