/** Follows a thread no longer. Spec: msc4306. */

import { endpoint } from '../../../http/index.ts'
import { threadParams, threadPlaceOf } from './thread-place.ts'

export const deleteThreadSubscription = endpoint(
  {
    method: 'DELETE',
    path: '/_matrix/client/unstable/io.element.msc4306/rooms/{roomId}/thread/{rootId}/subscription',
    auth: 'user',
    limit: 'default',
    params: threadParams,
    spec: 'msc4306#proposal',
  },
  async ({ accounts }, { caller, params }) => {
    await accounts.leaveThread(caller, threadPlaceOf(params))
    return {}
  },
)
