/** Credentials for the TURN server, for calls. Spec: client-server-api#get_matrixclientv3voipturnserver. */

import { turnCredentials } from '../../../flows/index.ts'
import { endpoint } from '../../../http/index.ts'

export const getTurnServer = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/voip/turnServer',
    auth: 'user',
    limit: 'default',
    spec: 'client-server#get_matrixclientv3voipturnserver',
  },
  ({ config, clock }, { caller }) => turnCredentials(config.turn, caller.userId, clock.nowMs()),
)
