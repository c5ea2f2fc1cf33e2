/** E-mail addresses and telephone numbers of an account. Spec: client-server-api#get_matrixclientv3account3pid. */

import { endpoint } from '../../../http/index.ts'

export const getAccount3Pids = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/account/3pid',
    auth: 'user',
    limit: 'default',
    spec: 'client-server#get_matrixclientv3account3pid',
  },
  // No identifier can be added to an account here, so none has any.
  () => ({ threepids: [] }),
)
