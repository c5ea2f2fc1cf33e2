/** Whether the caller follows a thread. Spec: msc4306. */

import { endpoint } from '../../../http/index.ts'
import { threadParams, threadPlaceOf } from './thread-place.ts'

export const getThreadSubscription = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/unstable/io.element.msc4306/rooms/{roomId}/thread/{rootId}/subscription',
    auth: 'user',
    limit: 'default',
    params: threadParams,
    spec: 'msc4306#proposal',
  },
  ({ accounts }, { caller, params }) => accounts.showThread(caller, threadPlaceOf(params)),
)
