/**
 * What is known of one network: no bridge connects any.
 * Spec: client-server-api#get_matrixclientv3thirdpartyprotocolprotocol.
 */

import { Type } from 'typebox'
import { MatrixError } from '../../../base/index.ts'
import { endpoint } from '../../../http/index.ts'

export const getProtocolMetadata = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/thirdparty/protocol/{protocol}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ protocol: Type.String() }),
    spec: 'client-server#get_matrixclientv3thirdpartyprotocolprotocol',
  },
  (_, { params }) => {
    throw new MatrixError('M_NOT_FOUND', `No bridge to ${params.protocol} is set up.`)
  },
)
