/**
 * Places of other networks that a room leads to: no bridge makes any.
 * Spec: client-server-api#get_matrixclientv3thirdpartylocation.
 */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomAliasSchema } from '../schemas.ts'

export const queryLocationByAlias = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/thirdparty/location',
    auth: 'user',
    limit: 'default',
    query: Type.Object({ alias: roomAliasSchema }),
    spec: 'client-server#get_matrixclientv3thirdpartylocation',
  },
  () => [],
)
