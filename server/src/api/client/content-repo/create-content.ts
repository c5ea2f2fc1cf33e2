/** Reserves a name for a file that follows. Spec: client-server-api#post_matrixmediav1create. */

import { endpoint } from '../../../http/index.ts'

export const createContent = endpoint(
  {
    method: 'POST',
    path: '/_matrix/media/v1/create',
    auth: 'user',
    limit: 'media',
    isRefusedToSuspended: true,
    emptyBodyAllowed: true,
    spec: 'client-server#post_matrixmediav1create',
  },
  ({ media }, { caller }) => media.reserve(caller),
)
