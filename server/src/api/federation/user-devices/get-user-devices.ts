/** The devices of one of our users. Spec: server-server-api#get_matrixfederationv1userdevicesuserid. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { userIdSchema } from '../../client/schemas.ts'

export const getUserDevices = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/user/devices/{userId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ userId: userIdSchema }),
    spec: 'server-server#get_matrixfederationv1userdevicesuserid',
  },
  async ({ devices }, { params }) => jsonText(await devices.listDevicesForServer(params.userId)),
)
