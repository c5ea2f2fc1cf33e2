/**
 * Rooms that lead to a place of another network: no bridge makes any.
 * Spec: client-server-api#get_matrixclientv3thirdpartylocationprotocol.
 */

import { Type } from 'typebox'
import { MatrixError } from '../../../base/index.ts'
import { endpoint } from '../../../http/index.ts'

export const queryLocationByProtocol = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/thirdparty/location/{protocol}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ protocol: Type.String() }),
    spec: 'client-server#get_matrixclientv3thirdpartylocationprotocol',
  },
  (_, { params }) => {
    throw new MatrixError('M_NOT_FOUND', `No bridge to ${params.protocol} is set up.`)
  },
)
