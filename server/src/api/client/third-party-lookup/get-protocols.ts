/**
 * Networks that bridges connect: none, as no bridge is set up.
 * Spec: client-server-api#get_matrixclientv3thirdpartyprotocols.
 */

import { endpoint } from '../../../http/index.ts'

export const getProtocols = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/thirdparty/protocols',
    auth: 'user',
    limit: 'default',
    spec: 'client-server#get_matrixclientv3thirdpartyprotocols',
  },
  () => ({}),
)
