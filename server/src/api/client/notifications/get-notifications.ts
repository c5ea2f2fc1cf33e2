/** What the caller was notified of. Spec: client-server-api#get_matrixclientv3notifications. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'

export const getNotifications = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/notifications',
    auth: 'user',
    limit: 'default',
    query: Type.Object({
      from: Type.Optional(Type.String()),
      limit: Type.Optional(Type.Integer({ minimum: 0 })),
      only: Type.Optional(Type.String()),
    }),
    spec: 'client-server#get_matrixclientv3notifications',
  },
  async ({ push }, { caller, query }) => jsonText(await push.listNotifications(caller, query)),
)
