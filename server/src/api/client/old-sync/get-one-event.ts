/** One event, wherever it is; deprecated. Spec: client-server-api#get_matrixclientv3eventseventid. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema } from '../schemas.ts'

export const getOneEvent = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/events/{eventId}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ eventId: eventIdSchema }),
    spec: 'client-server#get_matrixclientv3eventseventid',
  },
  async ({ oldSync }, { caller, params }) => jsonText(await oldSync.event(caller, params.eventId)),
)
