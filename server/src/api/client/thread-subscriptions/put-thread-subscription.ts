/** Follows a thread, for the user or for a client that saw reason to. Spec: msc4306. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { eventIdSchema } from '../schemas.ts'
import { threadParams, threadPlaceOf } from './thread-place.ts'

export const putThreadSubscription = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/unstable/io.element.msc4306/rooms/{roomId}/thread/{rootId}/subscription',
    auth: 'user',
    limit: 'default',
    params: threadParams,
    body: Type.Object({ automatic: Type.Optional(eventIdSchema) }),
    spec: 'msc4306#proposal',
  },
  async ({ accounts }, { caller, params, body }) => {
    await accounts.followThread(caller, threadPlaceOf(params), body.automatic)
    return {}
  },
)
