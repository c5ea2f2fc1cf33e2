/**
 * Users that stand for people of another network: no bridge makes any.
 * Spec: client-server-api#get_matrixclientv3thirdpartyuserprotocol.
 */

import { Type } from 'typebox'
import { MatrixError } from '../../../base/index.ts'
import { endpoint } from '../../../http/index.ts'

export const queryUserByProtocol = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/thirdparty/user/{protocol}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ protocol: Type.String() }),
    spec: 'client-server#get_matrixclientv3thirdpartyuserprotocol',
  },
  (_, { params }) => {
    throw new MatrixError('M_NOT_FOUND', `No bridge to ${params.protocol} is set up.`)
  },
)
