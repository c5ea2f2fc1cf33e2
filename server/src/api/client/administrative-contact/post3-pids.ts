/**
 * The old way to add an address, by an identity server and without a password: refused, for with a stolen token anybody
 * could take an account by it. Spec: client-server-api#post_matrixclientv3account3pid.
 */

import { Type } from 'typebox'
import { MatrixError } from '../../../base/index.ts'
import { endpoint } from '../../../http/index.ts'

export const post3Pids = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/account/3pid',
    auth: 'user',
    limit: 'login',
    body: Type.Object({
      three_pid_creds: Type.Object({
        client_secret: Type.String(),
        id_server: Type.String(),
        id_access_token: Type.String(),
        sid: Type.String(),
      }),
    }),
    spec: 'client-server#post_matrixclientv3account3pid',
  },
  () => {
    throw new MatrixError(
      'M_THREEPID_AUTH_FAILED',
      'This server trusts no identity server: use /account/3pid/add.',
      {},
      403,
    )
  },
)
